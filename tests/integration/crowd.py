"""One of many processes that write to a database at once: `… crowd NUMBER TURNS DATABASE`.

Each works on the shared session's `main`, appending one item after the other as the SDK does, on
a branch of its own, and on a session of its own.
"""

import asyncio
import sys
from typing import Any

from agents import RunContextWrapper

from convo import AdvancedSQLiteSession
from convo.records import RunRecord


def run(total: int) -> RunRecord:
    return RunRecord("m", 1, total - 1, 1, total)


async def main(number: int, turns: int, path: str) -> None:
    shared = AdvancedSQLiteSession(session_id="shared", db_path=path)
    branched = AdvancedSQLiteSession(session_id="shared", db_path=path)
    async with shared, branched:
        await branched.create_branch_from_turn(1, f"branch {number}", include_turn=True)
        for count in range(turns):
            context = RunContextWrapper(context=None)
            await talk(shared, f"{number}.{count}", context)
            await shared.store_usage(context, run(10_000 * (number + 1) + count))
            await branched.add_items(said(f"own {number}.{count}"))
            await branched.add_items([{"role": "user", "content": "taken back"}])
            taken = await branched.pop_item()
            assert taken == {"role": "user", "content": "taken back"}, taken


async def talk(session: AdvancedSQLiteSession, name: str, context: Any) -> None:
    """A turn in two appends, between which others may write."""
    await session.add_items([{"role": "user", "content": name}], wrapper=context)
    await session.add_items([{"role": "assistant", "content": name}], wrapper=context)


def said(name: str) -> list[Any]:
    return [{"role": "user", "content": name}, {"role": "assistant", "content": name}]


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
