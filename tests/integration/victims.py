"""Writers that are killed: `python -m tests.integration.victims KIND COUNT DATABASE`.

A warm parent forks one writer after another, which says over a pipe what was acknowledged to it.
At a random moment the parent kills it, and then looks at the file.
"""

import asyncio
import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from convo import AdvancedSQLiteSession, ConversationStore
from convo.errors import TurnNotFoundError
from convo.usage_records import RunRecord

Ack = Callable[[str], None]
Work = Callable[[AdvancedSQLiteSession, ConversationStore, str, Ack], Awaitable[None]]


def turn(text: str) -> list[Any]:
    return [{"role": "user", "content": text}, {"role": "assistant", "content": f"About {text}"}]


def run(total: int) -> RunRecord:
    return RunRecord("m", 1, total - 1, 1, total)


async def append(session: AdvancedSQLiteSession, _: Any, life: str, ack: Ack) -> None:
    for number in range(10_000):
        await session.add_items(turn(f"{life}.{number}"))
        ack(f"said {life}.{number}")


async def crowd(session: AdvancedSQLiteSession, _: Any, life: str, ack: Ack) -> None:
    """Many at once, whose writes are committed together; one of them is always refused."""
    sessions = [
        AdvancedSQLiteSession(session_id=f"{life}.{number}", db_path=session.db_path)
        for number in range(30)
    ]

    async def talk(number: int) -> None:
        for count in range(10_000):
            await sessions[number].add_items(turn(f"{life}.{number}.{count}"))
            ack(f"said {life}.{number}.{count}")

    async def be_refused() -> None:
        while True:
            try:
                await session.create_branch_from_turn(99)
            except TurnNotFoundError:
                continue

    await asyncio.gather(be_refused(), *map(talk, range(len(sessions))))


async def record(_: Any, store: ConversationStore, life: str, ack: Ack) -> None:
    for number in range(10_000):
        await store.record_turn("talk", "main", turn(f"{life}.{number}"), run(number + 2))
        ack(f"said {life}.{number}")


async def pop(session: AdvancedSQLiteSession, _: Any, life: str, ack: Ack) -> None:
    for number in range(10_000):
        await session.add_items([{"role": "user", "content": f"{life}.{number}"}])
        await session.pop_item()
        ack(f"unsaid {life}.{number}")


async def branch(session: AdvancedSQLiteSession, _: Any, life: str, ack: Ack) -> None:
    for number in range(10_000):
        await session.switch_to_branch("main")
        await session.create_branch_from_turn(3, f"{life}.{number}")
        ack(f"branched {life}.{number}")


async def delete(session: AdvancedSQLiteSession, _: Any, life: str, ack: Ack) -> None:
    for number in range(10_000):
        await session.create_branch_from_turn(3, f"{life}.{number}")
        await session.add_items(turn(f"{life}.{number}"))
        await session.delete_branch(f"{life}.{number}", force=True)
        ack(f"deleted {life}.{number}")


async def clear(session: AdvancedSQLiteSession, _: Any, life: str, ack: Ack) -> None:
    for number in range(10_000):
        await session.add_items(turn(f"{life}.{number}"))
        await session.clear_session()
        ack(f"unsaid {life}.{number}")


async def usage(session: AdvancedSQLiteSession, _: Any, life: str, ack: Ack) -> None:
    for number in range(10_000):
        await session.add_items(turn(f"{life}.{number}"))
        await session.store_usage(None, run(1000 + number))  # type: ignore[arg-type]
        ack(f"cost {life}.{number} {1000 + number}")


async def rename(_: Any, store: ConversationStore, life: str, ack: Ack) -> None:
    name = (await store.sessions())[0].session_id
    for number in range(10_000):
        await store.rename_session(name, f"{life}.{number}")
        name = f"{life}.{number}"
        ack(f"renamed {name}")


async def adopt(session: AdvancedSQLiteSession, _: Any, life: str, ack: Ack) -> None:
    for number in range(10_000):
        with closing(sqlite3.connect(session.db_path, timeout=30)) as plain, plain:
            plain.execute("INSERT OR IGNORE INTO agent_sessions (session_id) VALUES ('talk')")
            plain.execute(
                "INSERT INTO agent_messages (session_id, message_data) VALUES ('talk', ?)",
                (f'{{"role": "user", "content": "{life}.{number}"}}',),
            )
        await session.add_items([{"role": "assistant", "content": f"About {life}.{number}"}])
        ack(f"said {life}.{number}")


async def undo(_: Any, store: ConversationStore, life: str, ack: Ack) -> None:
    for number in range(10_000):
        await store.record_turn("talk", "main", turn(f"{life}.{number}"), run(number + 2))
        ack(f"kept {life}.{number}")
        await store.undo("talk", "main")
        await store.restore("talk")
        ack(f"said {life}.{number}")


async def trash(_: Any, store: ConversationStore, life: str, ack: Ack) -> None:
    for number in range(10_000):
        name = await store.branch("talk", "main", turn=3, name=f"{life}.{number}", expected=None)
        await store.record_turn("talk", name, turn(f"{life}.{number}"), run(number + 2))
        ack(f"kept {life}.{number}")
        await store.delete_branches("talk", [name])
        await store.restore("talk")
        await store.rename_branch("talk", name, f"{name}.renamed")
        ack(f"said {life}.{number}")


async def weave(_: Any, store: ConversationStore, life: str, ack: Ack) -> None:
    for number in range(10_000):
        name = await store.branch("talk", "main", turn=3, name=f"{life}.{number}", expected=None)
        await store.record_turn("talk", name, turn(f"{life}.{number}"), run(number + 2))
        await store.cherry_pick("talk", "main", name, -1, -1)
        ack(f"said {life}.{number}")
        await store.undo("talk", "main")
        await store.take_over("talk", "main", name)
        await store.undo("talk", "main")
        await store.restore("talk")
        ack(f"said {life}.{number}")


KINDS: dict[str, Work] = {
    work.__name__: work
    for work in (
        append,
        crowd,
        record,
        pop,
        branch,
        delete,
        clear,
        usage,
        rename,
        adopt,
        undo,
        trash,
        weave,
    )
}


def live(kind: str, path: str, life: str, pipe: int) -> None:
    """A writer's life."""

    async def work() -> None:
        def ack(what: str) -> None:
            os.write(pipe, f"{what}\n".encode())

        async with (
            ConversationStore(path) as store,
            AdvancedSQLiteSession(session_id="talk", db_path=path) as session,
        ):
            await KINDS[kind](session, store, life, ack)

    asyncio.run(work())


def die_once(live: Callable[[int], None], chance: random.Random) -> list[str]:
    """Let a writer live until a random moment; return the lines that it wrote into its pipe."""
    return die_after(live, lambda: time.sleep(chance.uniform(0, 0.006)))


def die_after(live: Callable[[int], None], wait: Callable[[], None]) -> list[str]:
    """Kill a writer after its first line and a wait; return its lines."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        live(writing)
        os._exit(1)
    os.close(writing)
    first = os.read(reading, 65536)
    wait()
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL, f"the writer ended by itself: {status}"
    rest = b"".join(iter(lambda: os.read(reading, 65536), b""))
    os.close(reading)
    return (first + rest).decode().splitlines()


def look(path: str, acknowledged: list[str]) -> None:
    """Assert that the file is whole, and that what was acknowledged is so."""
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        contents = {
            content
            for (content,) in file.execute(
                "SELECT json_extract(message_data, '$.content') FROM agent_messages"
            )
        }
        aside = {
            content
            for (content,) in file.execute(
                "SELECT json_extract(message_data, '$.content') FROM convo_removed_messages"
            )
        }
        branches = dict(
            file.execute("SELECT branch_id, count(*) FROM message_structure GROUP BY branch_id")
        )
        sessions = [name for (name,) in file.execute("SELECT session_id FROM agent_sessions")]
        costs = {cost for (cost,) in file.execute("SELECT total_tokens FROM turn_usage")}
    for line in acknowledged:
        what, name, *more = line.split()
        if what in {"said", "cost"}:
            assert {name, f"About {name}"} <= contents, line
        if what == "kept":
            assert {name, f"About {name}"} <= contents ^ aside, line
        if what == "unsaid":
            assert name not in contents, line
        if what == "branched":
            assert branches[name] == 4, line
        if what == "deleted":
            assert name not in branches, line
            assert name not in contents, line
        if what == "cost":
            assert int(more[0]) in costs, line
    if acknowledged and acknowledged[-1].startswith("renamed"):
        life, number = acknowledged[-1].split()[1].split(".")
        assert sessions in ([f"{life}.{number}"], [f"{life}.{int(number) + 1}"])


def no_half_turn(path: str, kind: str) -> None:
    """Assert that every question has its answer; a popped or a plain one may have lost it."""
    if kind in {"pop", "adopt"}:
        return
    with closing(sqlite3.connect(path)) as file:
        halves = file.execute(
            "SELECT branch_id, user_turn_number FROM message_structure"
            " GROUP BY session_id, branch_id, user_turn_number"
            " HAVING sum(message_type = 'user') <> 1 OR sum(message_type = 'assistant') <> 1"
        ).fetchall()
    assert halves == []


async def begin(path: str) -> None:
    async with ConversationStore(path, create=True) as store:
        await store.start_session("talk")
        for number in range(3):
            await store.record_turn("talk", "main", turn(f"before.{number}"), run(5))


async def check(path: str) -> None:
    async with ConversationStore(path) as store:
        found = [p for p in await store.check() if p.kind != "message not adopted"]
        assert found == []


def main(kind: str, count: int, path: str) -> None:
    chance = random.Random(kind)
    asyncio.run(begin(path))
    acknowledged = 0
    for number in range(count):
        said = die_once(partial(live, kind, path, f"life{number}"), chance)
        acknowledged += len(said)
        look(path, said)
        no_half_turn(path, kind)
    asyncio.run(check(path))
    assert Path(path).exists()
    print(count, "killed,", "some" if acknowledged else "nothing", "acknowledged")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
