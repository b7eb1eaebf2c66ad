"""A file that another process holds: what SQLite lets through goes on, the rest gives up."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from agents.memory import SQLiteSession

from convo import AdvancedSQLiteSession, ConversationStore
from convo.errors import DatabaseLockedError
from tests.core.addresses import rows
from tests.core.talk import result, run, texts, turn
from tests.integration.locks import (
    EXCLUSIVE_WITH_JOURNAL,
    EXCLUSIVE_WITH_LOG,
    WRITE_LOCK,
    locked,
    write_lock,
)
from tests.integration.soundness import assert_sound

PATIENCE = 0.15
LOCKS = {
    "write": WRITE_LOCK,
    "exclusive": EXCLUSIVE_WITH_LOG,
    "exclusive, no log": EXCLUSIVE_WITH_JOURNAL,
}
Use = Callable[[AdvancedSQLiteSession], Awaitable[Any]]
READS: dict[str, Use] = {
    "get": lambda session: session.get_items(),
    "turns": lambda session: session.get_conversation_turns(),
    "find": lambda session: session.find_turns_by_content("a"),
    "branches": lambda session: session.list_branches(),
    "usage": lambda session: session.get_session_usage(),
    "switch": lambda session: session.switch_to_branch("main"),
}
WRITES: dict[str, Use] = {
    "add": lambda session: session.add_items(turn("b")),
    "pop": lambda session: session.pop_item(),
    "branch": lambda session: session.create_branch_from_turn(1),
    "clear": lambda session: session.clear_session(),
}


def opened(path: Path, patience: float = PATIENCE) -> AdvancedSQLiteSession:
    return AdvancedSQLiteSession(
        session_id="talk", db_path=path, create_tables=True, lock_timeout=patience
    )


@pytest.fixture
async def talk(path: Path) -> Path:
    async with ConversationStore(path, create=True) as store:
        await store.start_session("talk")
        await store.record_turn("talk", "main", turn("a"), run())
    return path


async def assert_gives_up(use: Awaitable[Any]) -> None:
    """After the time that the session was given, and not much later."""
    started = time.monotonic()
    with pytest.raises(DatabaseLockedError, match=r"for more than 0\.15 s") as caught:
        await use
    assert PATIENCE <= time.monotonic() - started < PATIENCE + 5
    assert caught.value.hint == "try again when that process is done"


@pytest.mark.parametrize("use", WRITES)
@pytest.mark.parametrize("is_open", [True, False], ids=["open", "not open yet"])
async def test_a_write_gives_up(talk: Path, is_open: bool, use: str) -> None:
    async with opened(talk) as session:
        if is_open:
            await session.get_items()
            await session.add_items([])
        with write_lock(talk):
            await assert_gives_up(WRITES[use](session))
            assert texts(await session.get_items()) == ["a", "About a"]
        await WRITES[use](session)
    await assert_sound(talk)


@pytest.mark.parametrize("use", READS)
@pytest.mark.parametrize("is_open", [True, False], ids=["open", "not open yet"])
async def test_a_read_does_not_wait_for_a_writer(talk: Path, is_open: bool, use: str) -> None:
    async with opened(talk, patience=60) as session:
        if is_open:
            await session.get_items()
        with write_lock(talk):
            await asyncio.wait_for(READS[use](session), 20)


@pytest.mark.parametrize("lock", ["exclusive", "exclusive, no log"])
async def test_what_is_held_entirely_is_waited_for(talk: Path, lock: str) -> None:
    sessions = {use: opened(talk) for use in READS | WRITES}
    with locked(talk, *LOCKS[lock]):
        for use, session in sessions.items():
            await assert_gives_up((READS | WRITES)[use](session))
    for use, session in sessions.items():
        await (READS | WRITES)[use](session)
        await session.close()
    await assert_sound(talk)


@pytest.mark.parametrize("lock", LOCKS)
async def test_the_constructor_does_not_wait(talk: Path, lock: str) -> None:
    with locked(talk, *LOCKS[lock]):
        started = time.monotonic()
        AdvancedSQLiteSession(session_id="talk", db_path=talk)
        assert time.monotonic() - started < 5


async def test_nobody_waits_on_the_event_loop(talk: Path) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.001)

    with locked(talk, *EXCLUSIVE_WITH_LOG):
        ticking = asyncio.create_task(tick())
        async with opened(talk, patience=1) as session:
            for use in (session.get_items(), session.add_items(turn("b"))):
                with pytest.raises(DatabaseLockedError):
                    await use
        ticking.cancel()
    # Whoever waits on the loop lets it run a few times in all.
    assert ticks > 20


@pytest.mark.parametrize("lock", ["exclusive", "exclusive, no log"])
async def test_a_store_waits_as_long_as_it_was_told(talk: Path, lock: str) -> None:
    async def look() -> None:
        async with ConversationStore(talk, lock_timeout=PATIENCE) as store:
            await store.sessions()

    with locked(talk, *LOCKS[lock]):
        await assert_gives_up(look())
    await look()


@pytest.mark.parametrize("lock", LOCKS)
async def test_a_lock_that_goes_in_time_is_never_noticed(talk: Path, lock: str) -> None:
    async with opened(talk, patience=60) as session, opened(talk, patience=60) as other:
        with locked(talk, *LOCKS[lock]) as held:
            writing = [
                asyncio.create_task(session.add_items(turn("b"))),
                asyncio.create_task(other.store_run_usage(result(33))),
                asyncio.create_task(other.add_items(turn("c"))),
            ]
            for task in writing:
                await held.is_waited_for(task)
        await asyncio.gather(*writing)
        assert texts(await session.get_items()) == ["a", "About a", "b", "About b", "c", "About c"]
        usage = await session.get_session_usage()
    assert usage is not None
    assert usage["total_tokens"] == 48
    await assert_sound(talk)


async def test_plain_rows_are_read_while_somebody_writes(talk: Path) -> None:
    """What has no structure yet is put in its place for the read, and stored when that is free."""
    plain = SQLiteSession("talk", talk)
    await plain.add_items(turn("plain"))
    plain.close()
    structured = "SELECT count(*) FROM message_structure"
    async with opened(talk, patience=60) as session:
        with write_lock(talk):
            for _ in range(2):
                found = await asyncio.wait_for(session.get_items(), 20)
                assert texts(found) == ["a", "About a", "plain", "About plain"]
            assert rows(talk, structured) == [(2,)]
        assert texts(await session.get_items()) == ["a", "About a", "plain", "About plain"]
        assert rows(talk, structured) == [(4,)]
    await assert_sound(talk)


async def test_a_writer_that_is_killed_leaves_no_lock(talk: Path) -> None:
    async with opened(talk, patience=60) as session:
        await session.get_items()
        with write_lock(talk) as held:
            writing = asyncio.create_task(session.add_items(turn("b")))
            await held.is_waited_for(writing)
            held.kill()
            await asyncio.wait_for(writing, 20)
    await assert_sound(talk)
