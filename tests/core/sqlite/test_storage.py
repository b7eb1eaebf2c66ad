import asyncio
import gc
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from convo import AdvancedSQLiteSession, ConversationStore
from convo.errors import (
    DamagedDatabaseError,
    DatabaseFullError,
    DatabaseLockedError,
    DatabaseUnavailableError,
)
from convo.sqlite import connections
from tests.core.addresses import rows
from tests.core.better_than_sdk.trouble import locked
from tests.core.sqlite.test_connection import run
from tests.core.talk import texts, turn, user


def opened(path: Path, name: str = "talk", **options: object) -> AdvancedSQLiteSession:
    return AdvancedSQLiteSession(session_id=name, db_path=path, create_tables=True, **options)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_the_constructor_touches_nothing(path: Path) -> None:
    opened(path)
    assert not path.exists()


async def test_missing_tables_are_named_and_leave_no_file(path: Path) -> None:
    with pytest.raises(ValueError, match=r"conversations.db.*use create_tables=True"):
        AdvancedSQLiteSession(session_id="talk", db_path=path)
    assert not path.exists()
    with pytest.raises(ValueError, match="create_tables=True"):
        AdvancedSQLiteSession(session_id="talk")


async def test_the_missing_table_is_named(path: Path) -> None:
    sqlite3.connect(path).execute("CREATE TABLE notes (text)").connection.close()
    with pytest.raises(ValueError, match="`message_structure`"):
        AdvancedSQLiteSession(session_id="talk", db_path=path)


async def test_a_session_may_rely_on_tables_that_another_is_to_make(path: Path) -> None:
    async with (
        opened(path) as one,
        AdvancedSQLiteSession(session_id="other", db_path=path) as other,
    ):
        await one.add_items(turn("a"))
        assert await other.get_items() == []


async def test_tables_may_have_any_quoted_name(path: Path) -> None:
    names = {"sessions_table": '"the sessions"', "messages_table": '"say ""hi"""'}
    async with opened(path, **names) as session:
        await session.add_items(turn("a"))
        assert len(await session.get_items()) == 2
    assert rows(path, 'SELECT count(*) FROM "say ""hi"""') == [(2,)]


@pytest.mark.parametrize("name", ["a b", "", 'x"y', "a; DROP TABLE b", '""'])
def test_what_is_no_table_name(path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="is not a table name"):
        opened(path, messages_table=name)


async def test_a_home_folder_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    async with opened(Path("~/c.db")) as session:
        await session.add_items(turn("a"))
    assert (tmp_path / "c.db").exists()


async def test_data_is_durable(session: AdvancedSQLiteSession, path: Path) -> None:
    await session.add_items(turn("a"))
    assert rows(path, "PRAGMA journal_mode") == [("wal",)]


async def test_sessions_on_a_file_share_two_connections(path: Path) -> None:
    before = open_files()
    threads = threading.active_count()
    sessions = [opened(path, f"s{n}") for n in range(200)]
    await asyncio.gather(*(session.add_items(turn("a")) for session in sessions))
    await asyncio.gather(*(session.get_items() for session in sessions))
    assert open_files() - before <= 8
    assert threading.active_count() - threads <= 2
    for session in sessions:
        await session.close()
    assert open_files() == before
    assert rows(path, "SELECT count(*) FROM agent_messages") == [(400,)]


async def test_a_dropped_session_lets_go_of_the_file(path: Path) -> None:
    before = open_files()
    session = opened(path)
    await session.add_items(turn("a"))
    del session
    gc.collect()
    for _ in range(100):
        if open_files() == before:
            return
        await asyncio.sleep(0.02)
    pytest.fail("the file is still open")


async def test_reads_do_not_wait_for_writers(session: AdvancedSQLiteSession, path: Path) -> None:
    await session.add_items(turn("a"))
    with locked(path):
        assert texts(await asyncio.wait_for(session.get_items(), 5)) == ["a", "About a"]


async def test_a_write_waits_for_a_lock_to_go(session: AdvancedSQLiteSession, path: Path) -> None:
    await session.add_items(turn("a"))
    with locked(path):
        writing = asyncio.create_task(session.add_items(turn("b")))
        await asyncio.sleep(0.1)
        assert not writing.done()
    await writing
    assert len(await session.get_items()) == 4


async def test_a_lock_that_stays_is_an_error(path: Path) -> None:
    async with opened(path, lock_timeout=0.1) as session:
        await session.add_items(turn("a"))
        with locked(path), pytest.raises(DatabaseLockedError, match=r"for more than 0\.1 s"):
            await session.add_items(turn("b"))
        await session.add_items(turn("c"))
        assert texts(await session.get_items()) == ["a", "About a", "c", "About c"]


async def test_a_full_disk(session: AdvancedSQLiteSession, path: Path) -> None:
    await session.add_items(turn("a"))
    (pages,) = rows(path, "PRAGMA page_count")[0]
    limit = f"PRAGMA max_page_count = {pages + 2}"
    thread = session._file._storage._database()._connections.of("writes")
    await run(thread, lambda connection: connection.execute(limit).fetchone())
    with pytest.raises(DatabaseFullError, match="nothing of this was stored"):
        await session.add_items([user("x" * 100_000)])
    assert texts(await session.get_items()) == ["a", "About a"]
    await session.add_items(turn("small"))
    assert len(await session.get_items()) == 4


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailableError, match="is a folder"):
        opened(tmp_path)


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    async with opened(tmp_path / "no" / "c.db") as session:
        with pytest.raises(DatabaseUnavailableError, match="cannot be opened"):
            await session.add_items(turn("a"))


def test_a_file_that_is_no_database(path: Path) -> None:
    path.write_bytes(b"Dear diary, " * 1000)
    with pytest.raises(DamagedDatabaseError, match="is not an SQLite database"):
        opened(path)
    assert path.read_bytes() == b"Dear diary, " * 1000


async def test_a_session_in_memory_is_alone() -> None:
    async with (
        AdvancedSQLiteSession(session_id="talk", create_tables=True) as one,
        AdvancedSQLiteSession(session_id="talk", create_tables=True) as other,
    ):
        await one.add_items(turn("a"))
        assert await other.get_items() == []
        assert len(await one.get_items()) == 2


def test_a_session_is_used_from_two_event_loops(path: Path) -> None:
    session = opened(path)
    asyncio.run(session.add_items(turn("a")))
    asyncio.run(session.add_items(turn("b")))
    assert len(asyncio.run(session.get_items())) == 4


UNCLOSED = """
import asyncio, sys
from convo import AdvancedSQLiteSession

async def main():
    session = AdvancedSQLiteSession(session_id="talk", db_path=sys.argv[1], create_tables=True)
    await session.add_items([{"role": "user", "content": "kept"}])
    asyncio.create_task(session.add_items([{"role": "user", "content": "perhaps"}]))

asyncio.run(main())
"""


def test_a_program_that_never_closes_ends(path: Path) -> None:
    subprocess.run([sys.executable, "-c", UNCLOSED, path], check=True, timeout=60)
    assert rows(path, "SELECT count(*) >= 1 FROM agent_messages") == [(1,)]
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]


async def test_sessions_keep_the_pages_that_they_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = []
    open_to_read = connections.open_to_read

    def noted(path: str, *, page_cache: int) -> sqlite3.Connection:
        connection = open_to_read(path, page_cache=page_cache)
        kept.append(connection.execute("PRAGMA cache_size").fetchone()[0])
        return connection

    async with opened(path) as session:
        await session.add_items(turn("a"))
    monkeypatch.setattr(connections, "open_to_read", noted)
    async with opened(path) as session:
        assert len(await session.get_items()) == 2
    async with ConversationStore(path) as store:
        assert len(await store.sessions()) == 1
    assert kept == [-32 * 1024, -2000]


async def test_an_old_sqlite_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(path) as session:
        await session.add_items(turn("a"))
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 37, 2))
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.37.2")
    too_old = pytest.raises(DatabaseUnavailableError, match=r"SQLite 3\.37\.2: convo needs 3\.39")
    with too_old as one_that_is_there:
        opened(path)
    with too_old as new:
        await opened(path.with_name("new.db")).get_items()
    for error in (one_that_is_there, new):
        assert "uv python install" in str(error.value.hint)
