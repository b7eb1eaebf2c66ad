"""Row 10: opening a session writes nothing, waits for nobody and shares what is open already."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.core.better_than_sdk.counting import Ticker, open_files
from tests.core.better_than_sdk.openers import AnySession, OpenOurs, OpenTheirs
from tests.core.better_than_sdk.trouble import locked, make_sdk_impatient
from tests.core.talk import texts, turn

pytestmark = pytest.mark.sqlite_only("a server is not opened as a file is")


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every SQL statement that is executed on a connection opened from now on."""
    executed: list[str] = []
    connect = sqlite3.connect

    def traced(*args: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*args, **options)
        connection.set_trace_callback(executed.append)
        return connection

    monkeypatch.setattr(sqlite3, "connect", traced)
    return executed


def writing(statements: list[str]) -> list[str]:
    words = ("BEGIN IMMEDIATE", "INSERT", "UPDATE", "DELETE", "CREATE", "PRAGMA journal_mode")
    return [sql for sql in statements if sql.strip().startswith(words)]


def test_the_constructor_makes_no_file(
    theirs: OpenTheirs, ours: OpenOurs, their_path: Path, path: Path
) -> None:
    theirs()
    assert their_path.exists()
    ours()
    assert not path.exists()


async def test_the_constructor_writes_nothing(
    theirs: OpenTheirs, ours: OpenOurs, path: Path, statements: list[str]
) -> None:
    await theirs().add_items(turn("a"))
    statements.clear()
    theirs()
    assert "BEGIN IMMEDIATE" in writing(statements)

    async with ours() as session:
        await session.add_items(turn("a"))
    before = path.read_bytes(), path.stat().st_mtime_ns
    statements.clear()
    ours()
    assert writing(statements) == []
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


async def test_the_constructor_does_not_wait_for_a_lock(
    theirs: OpenTheirs,
    ours: OpenOurs,
    their_path: Path,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The SDK's waits, with the event loop, and then fails; after 5 s, of which 0.2 s are shown."""
    for session in (theirs(), ours()):
        await session.add_items(turn("a"))

    make_sdk_impatient(monkeypatch, 0.2)
    async with Ticker() as ticker:
        with locked(their_path), pytest.raises(sqlite3.OperationalError, match="locked"):
            theirs()
        assert ticker.rounds == 0

    with locked(path):
        session = ours()
        assert texts(await session.get_items()) == ["a", "About a"]


async def test_the_event_loop_goes_on_while_the_file_is_locked(ours: OpenOurs, path: Path) -> None:
    """With the SDK's class too, once a session is open."""
    session = ours()
    await session.add_items(turn("a"))
    async with Ticker() as ticker:
        with locked(path):
            late = ours("late")
            writes = [asyncio.create_task(one.add_items(turn("b"))) for one in (session, late)]
            await asyncio.wait_for(ticker.many_rounds.wait(), 10)
            assert not any(write.done() for write in writes)
        await asyncio.gather(*writes)
    assert len(await late.get_items()) == 2


async def test_sessions_on_one_file_share_what_is_open(theirs: OpenTheirs, ours: OpenOurs) -> None:
    async def use_a_hundred(opened: Callable[[str], AnySession]) -> tuple[int, int]:
        """How many more files and threads are open while so many sessions are in use."""
        files, threads = open_files(), threading.active_count()
        sessions = [opened(f"session {number}") for number in range(100)]
        await asyncio.gather(*(session.add_items(turn("a")) for session in sessions))
        await asyncio.gather(*(session.get_items() for session in sessions))
        return open_files() - files, threading.active_count() - threads

    files, _ = await use_a_hundred(theirs)
    assert files > 200
    files, threads = await use_a_hundred(ours)
    assert files <= 8
    assert threads <= 2


async def test_the_last_session_closes_the_file(ours: OpenOurs) -> None:
    """The SDK's class closes its own connections too; it has more of them."""
    before = open_files()
    sessions = [ours(f"session {number}") for number in range(5)]
    for session in sessions:
        await session.add_items(turn("a"))
    for session in sessions[1:]:
        await session.close()
    assert open_files() > before
    await sessions[0].close()
    assert open_files() == before
