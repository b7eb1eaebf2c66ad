"""One of many processes that write to a database at once: `… crowd NUMBER TURNS DATABASE`.

Each works on the shared session's `main`, appending one item after the other as the SDK does, on
a branch of its own, and on a pile from which everybody takes, partly at once. It says when it is
ready, waits for the others, and prints what it took from the pile.
"""

import asyncio
import sys
from typing import Any

from convo import AdvancedSQLiteSession
from convo.usage_records import RunRecord


class Context:
    """A run's context, as far as a session looks at it; to import the SDK's would take seconds."""

    def __init__(self) -> None:
        self.usage = type("Usage", (), {})()


def run(total: int) -> RunRecord:
    return RunRecord("m", 1, total - 1, 1, total)


async def main(number: int, turns: int, path: str) -> None:
    shared = AdvancedSQLiteSession(session_id="shared", db_path=path)
    branched = AdvancedSQLiteSession(session_id="shared", db_path=path)
    pile = AdvancedSQLiteSession(session_id="pile", db_path=path)
    async with shared, branched, pile:
        await branched.create_branch_from_turn(1, f"branch {number}", include_turn=True)
        for count in range(turns):
            context: Any = Context()
            await talk(shared, f"{number}.{count}", context)
            await asyncio.gather(
                shared.store_usage(context, run(10_000 * (number + 1) + count)),
                go_on(branched, f"own {number}.{count}"),
                take_from(pile, f"{number}.{count}"),
            )


async def talk(session: AdvancedSQLiteSession, name: str, context: Any) -> None:
    """A turn in two appends, between which others may write."""
    await session.add_items([{"role": "user", "content": name}], wrapper=context)
    await session.add_items([{"role": "assistant", "content": name}], wrapper=context)


async def go_on(branched: AdvancedSQLiteSession, text: str) -> None:
    """A turn on one's own branch, and one that is taken back."""
    await branched.add_items(said(text))
    await branched.add_items([{"role": "user", "content": "taken back"}])
    taken = await branched.pop_item()
    assert taken == {"role": "user", "content": "taken back"}, taken


async def take_from(pile: AdvancedSQLiteSession, name: str) -> None:
    """Put three things on the pile, and take two, whosever they are."""
    await pile.add_items([{"role": "user", "content": f"{name}.{letter}"} for letter in "abc"])
    for _ in range(2):
        top: Any = await pile.pop_item()
        print(top["content"])


def said(name: str) -> list[Any]:
    return [{"role": "user", "content": name}, {"role": "assistant", "content": name}]


if __name__ == "__main__":
    print("ready", flush=True)
    sys.stdin.readline()
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
