"""Writers on a server that are killed: `python -m tests.postgres.victims URL COUNT KIND...`.

They write as those of a file do, see `tests.integration.victims`, until they are killed at a random
moment. Then what was acknowledged to them is looked for.
"""

import asyncio
import os
import random
import sys
from functools import partial

import psycopg

from convo import AdvancedPostgresSession, ConversationStore
from tests.integration.victims import KINDS, begin, check, die_once

OF_FILES = {"adopt", "crowd"}
"""What opens a file itself."""

ALL = sorted(KINDS.keys() - OF_FILES)

COPIED = {"trash", "undo", "weave"}
"""What puts the same turn in more than one place."""

_HALVES = """
SELECT branch_id, user_turn_number FROM message_structure
GROUP BY session_id, branch_id, user_turn_number
HAVING count(*) FILTER (WHERE message_type = 'user') <> 1
    OR count(*) FILTER (WHERE message_type = 'assistant') <> 1
"""


def live(kind: str, url: str, life: str, pipe: int) -> None:
    """A writer's life."""

    async def work() -> None:
        def ack(what: str) -> None:
            os.write(pipe, f"{what}\n".encode())

        async with ConversationStore(url) as store, AdvancedPostgresSession("talk", url=url) as one:
            await KINDS[kind](one, store, life, ack)  # type: ignore[arg-type]

    asyncio.run(work())


def look(url: str, kind: str, acknowledged: list[str]) -> None:
    """Assert that what was acknowledged is so, and that there is no half turn and no second one."""
    content = "SELECT message_data::json ->> 'content' FROM"
    with psycopg.connect(url) as server:
        written = [text for (text,) in server.execute(f"{content} agent_messages")]  # type: ignore[call-overload]
        aside = {text for (text,) in server.execute(f"{content} convo_removed_messages")}  # type: ignore[call-overload]
        branches = dict(
            server.execute("SELECT branch_id, count(*) FROM message_structure GROUP BY branch_id")
        )
        sessions = [name for (name,) in server.execute("SELECT session_id FROM agent_sessions")]
        costs = {cost for (cost,) in server.execute("SELECT total_tokens FROM turn_usage")}
        halves = server.execute(_HALVES).fetchall()
    contents = set(written)
    for line in acknowledged:
        what, name, *more = line.split()
        both = {name, f"About {name}"}
        if what in {"said", "cost"}:
            assert both <= contents, line
        if what == "kept":
            assert (both <= contents) != (both <= aside), line
        if what == "unsaid":
            assert name not in contents, line
        if what == "branched":
            assert branches[name] == 4, line
        if what == "deleted":
            assert not {name} & (contents | branches.keys()), line
        if what == "cost":
            assert int(more[0]) in costs, line
    if kind == "rename" and acknowledged:
        life, number = acknowledged[-1].split()[1].split(".")
        assert sessions in ([f"{life}.{number}"], [f"{life}.{int(number) + 1}"])
    assert kind in COPIED or len(written) == len(contents), "something was stored twice"
    assert kind == "pop" or halves == []


def empty(url: str) -> None:
    """Delete all sessions."""

    async def delete() -> None:
        async with ConversationStore(url) as store:
            for one in await store.sessions():
                await store.delete_session(one.session_id)

    asyncio.run(delete())


def main(url: str, count: int, kinds: list[str]) -> None:
    killed = 0
    for kind in kinds:
        chance = random.Random(kind)
        asyncio.run(begin(url))
        acknowledged = 0
        for number in range(count):
            said = die_once(partial(live, kind, url, f"{kind}{number}"), chance)
            acknowledged += len(said)
            look(url, kind, said)
            killed += 1
        assert acknowledged >= count, kind
        asyncio.run(check(url))
        empty(url)
    print(killed, "killed")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
