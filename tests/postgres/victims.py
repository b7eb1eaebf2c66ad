"""Writers on a server that are killed: `python -m tests.postgres.victims URL COUNT KIND...`.

They write as those of a file do, see `tests.integration.victims`, until they are killed: at a
random moment, or while a COMMIT is on its way. Then what was acknowledged to them is looked for.
"""

import asyncio
import os
import random
import sys
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import psycopg

from convo import AdvancedPostgresSession, ConversationStore
from convo.errors import TurnNotFoundError
from tests.core.addresses import add_plain
from tests.integration.victims import KINDS as OF_FILES
from tests.integration.victims import Ack, begin, check, die_after, die_once, turn
from tests.postgres.proxy import Loss, Proxy

TALKERS = 12


async def adopt(url: str, session: AdvancedPostgresSession, _: Any, life: str, ack: Ack) -> None:
    """Answer questions that a class without branches has stored, past whatever loses COMMITs."""
    for number in range(10_000):
        add_plain(url, "talk", {"role": "user", "content": f"{life}.{number}"})
        await session.add_items([{"role": "assistant", "content": f"About {life}.{number}"}])
        ack(f"said {life}.{number}")


async def crowd(session: AdvancedPostgresSession, _: Any, life: str, ack: Ack) -> None:
    """Many at once on one session, whose writes are committed together; one is always refused."""

    async def talk(number: int) -> None:
        for count in range(10_000):
            await session.add_items(turn(f"{life}.{number}.{count}"))
            ack(f"said {life}.{number}.{count}")

    async def be_refused() -> None:
        while True:
            try:
                await session.create_branch_from_turn(99_999)
            except TurnNotFoundError:
                continue

    await asyncio.gather(be_refused(), *map(talk, range(TALKERS)))


ALL = sorted(OF_FILES)

COPIED = {"trash", "undo", "weave"}
"""What puts the same turn in more than one place."""

_HALVES = """
SELECT branch_id, user_turn_number FROM message_structure
GROUP BY session_id, branch_id, user_turn_number
HAVING count(*) FILTER (WHERE message_type = 'user') <> 1
    OR count(*) FILTER (WHERE message_type = 'assistant') <> 1
"""


async def write(kind: str, url: str, through: str, life: str, ack: Ack) -> None:
    """Write without end, through an address that may be that of a proxy."""
    own = {"adopt": partial(adopt, url), "crowd": crowd}
    async with (
        ConversationStore(through) as store,
        AdvancedPostgresSession("talk", url=through) as session,
    ):
        await {**OF_FILES, **own}[kind](session, store, life, ack)  # type: ignore[arg-type, operator]


def live(kind: str, url: str, through: str, life: str, pipe: int) -> None:
    """A writer's life."""

    def ack(what: str) -> None:
        os.write(pipe, f"{what}\n".encode())

    asyncio.run(write(kind, url, through, life, ack))


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
    assert kind in {"pop", "adopt"} or halves == []


def empty(url: str) -> None:
    """Delete all sessions."""

    async def delete() -> None:
        async with ConversationStore(url) as store:
            for one in await store.sessions():
                await store.delete_session(one.session_id)

    asyncio.run(delete())


def die_committing(live: Callable[[int], None], proxy: Proxy, *, is_stored: bool) -> list[str]:
    """Let a writer live until a COMMIT of its has been sent, which the server gets or not."""
    loss = Loss(is_stored=is_stored, cut=False)

    def wait() -> None:
        proxy.loss = loss
        assert loss.has_happened.wait(60), "no write was committed"

    said = die_after(live, wait)
    # The server gives the locks of a client free when it is gone.
    proxy.drain()
    return said


def main(url: str, count: int, kinds: list[str]) -> None:
    killed = committing = 0
    parts = urlsplit(url)
    assert parts.port is not None
    with Proxy(parts.port) as proxy:
        through = url.replace(f":{parts.port}/", f":{proxy.port}/")
        for kind in kinds:
            chance = random.Random(kind)
            asyncio.run(begin(url))
            acknowledged = 0
            for number in range(count):
                said = die_once(partial(live, kind, url, url, f"{kind}{number}"), chance)
                acknowledged += len(said)
                look(url, kind, said)
                killed += 1
            assert acknowledged >= count, kind
            for is_stored in (True, False):
                life = f"{kind}-{is_stored}"
                said = die_committing(
                    partial(live, kind, url, through, life), proxy, is_stored=is_stored
                )
                look(url, kind, said)
                committing += 1
            asyncio.run(check(url))
            empty(url)
    print(killed, "killed", committing, "committing")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
