"""Row 11: who finds the file busy waits, and what fails in the end says which file and why."""

import asyncio
import logging
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from convo.errors import DatabaseLockedError
from tests.core.addresses import is_server, rows, shown
from tests.core.better_than_sdk.openers import AnySession, OpenOurs, OpenTheirs
from tests.core.better_than_sdk.trouble import locked, make_sdk_impatient
from tests.core.better_than_sdk.working import totals
from tests.core.talk import result, texts, turn

BUSY = 0.4
"""Seconds for which the file is held: twice as long as the SDK's class waits here, of its 5 s."""


async def store_while_busy(session: AnySession, path: Path) -> dict[int, int]:
    with locked(path):
        storing = asyncio.create_task(session.store_run_usage(result(110)))
        await asyncio.sleep(BUSY)
    await storing
    return await totals(session)


async def test_usage_that_is_stored_while_the_file_is_busy(
    theirs: OpenTheirs,
    ours: OpenOurs,
    their_path: Path,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_sdk_impatient(monkeypatch, BUSY / 2)
    their_session = theirs()
    await their_session.add_items(turn("a"))
    assert await store_while_busy(their_session, their_path) == {}

    session = ours()
    await session.add_items(turn("a"))
    assert await store_while_busy(session, path) == {1: 110}


async def test_what_fails_names_the_file_and_the_reason(
    theirs: OpenTheirs,
    ours: OpenOurs,
    their_path: Path,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_sdk_impatient(monkeypatch, 0.05)
    their_session = theirs()
    await their_session.add_items(turn("a"))
    with locked(their_path), pytest.raises(sqlite3.OperationalError) as raised:
        await their_session.add_items(turn("b"))
    assert str(raised.value) == "database is locked"

    session = ours(lock_timeout=0.05)
    await session.add_items(turn("a"))
    with locked(path), pytest.raises(DatabaseLockedError) as ours_raised:
        await session.add_items(turn("b"))
    said = f"the database {shown(path)} is locked: another pro"
    assert str(ours_raised.value).startswith(said)
    assert "for more than 0.05 s" in str(ours_raised.value)
    await session.add_items(turn("c"))
    assert texts(await session.get_items()) == ["a", "About a", "c", "About c"]


async def test_usage_that_cannot_be_stored_is_logged_with_the_file(
    ours: OpenOurs, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The SDK's class logs `database is locked`, as the test above shows, and not which."""
    session = ours(lock_timeout=0.05)
    await session.add_items(turn("a"))
    with locked(path), caplog.at_level(logging.ERROR):
        await session.store_run_usage(result(110))
    assert f"the database {shown(path)} is locked: another pro" in caplog.text


async def test_opening_a_file_that_is_busy(
    theirs: OpenTheirs,
    ours: OpenOurs,
    their_path: Path,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_sdk_impatient(monkeypatch, 0.05)
    for session in (theirs(), ours()):
        await session.add_items(turn("a"))

    with locked(their_path), pytest.raises(sqlite3.OperationalError, match="database is locked"):
        theirs()
    with locked(path):
        session = ours()
        writing = asyncio.create_task(session.add_items(turn("b")))
        await asyncio.sleep(BUSY / 2)
    await writing
    assert texts(await session.get_items()) == ["a", "About a", "b", "About b"]


ROOT = Path(__file__).parents[3]
OPENING = """
import asyncio, sys
from tests.core.addresses import open_session

path, name = sys.argv[1:]

async def main():
    for number in range(20):
        async with open_session(path, create_tables=True) as session:
            await session.add_items([{"role": "user", "content": f"{name} {number}"}])

asyncio.run(main())
"""


def test_eight_processes_that_open_and_write_all_the_time(path: Path) -> None:
    """The file is made by whoever comes first. That the SDK's constructor fails where it finds a
    lock for too long is shown above; eight processes of it would take more than its 5 s to do so.
    """
    processes = [
        subprocess.Popen([sys.executable, "-c", OPENING, path, str(number)], cwd=ROOT)
        for number in range(8)
    ]
    assert [process.wait(timeout=60) for process in processes] == [0] * 8
    numbers = "SELECT count(*), count(DISTINCT sequence_number), max(user_turn_number) FROM "
    assert rows(path, f"{numbers} message_structure") == [(160, 160, 160)]
    if not is_server(path):
        assert rows(path, "PRAGMA integrity_check") == [("ok",)]
