"""Names read without the store: from any file, and without a trace."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from convo import ConversationStore, RunRecord
from convo.sqlite.glance import Glance, _numbers_beginning, glance_at
from tests.integration.locks import locked

RUN = RunRecord(model="m", requests=1, input_tokens=1, output_tokens=1, total_tokens=2)

CRASH = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("UPDATE agent_sessions SET session_id = 'b' WHERE session_id = 'a'")
os._exit(0)
"""


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    path = tmp_path / "c?%20#.db"
    async with ConversationStore(path, create=True) as store:
        await store.start_session("a")
        await store.record_turn("a", "main", [{"role": "user", "content": "Why?"}], RUN)
        image = {"type": "input_image", "image_url": "x"}
        content = [image, {"type": "input_text", "text": "And this?"}]
        await store.record_turn("a", "main", [{"role": "user", "content": content}], RUN)
        await store.branch("a", "main", turn=2, name="b", expected="main")
    return path


@contextmanager
def without_a_trace(path: Path) -> Iterator[Glance]:
    """A glance at a database after which every file beside it is as it was."""

    def state() -> dict[str, object]:
        found = {one.name: one.stat() for one in path.parent.iterdir()}
        return {name: (s.st_size, s.st_mtime_ns, s.st_ino) for name, s in found.items()}

    before = state()
    glance = glance_at(str(path))
    assert glance is not None
    yield glance
    glance._connection.close()
    assert state() == before


def test_everything_that_a_line_may_ask_for(path: Path) -> None:
    with without_a_trace(path) as glance:
        assert [name for name, _ in glance.sessions("", 5)] == ["a"]
        assert glance.current_session() == glance.session_called("a") == "a"
        assert glance.session_called("x") is None
        assert [name for name, _ in glance.sessions("A", 5)] == ["a"]
        assert glance.sessions("x", 5) == []
        assert glance.branches("a") == ["b", "main"]
        assert glance.branch_called("a", None) == "b"
        assert glance.branch_called("a", "mai") == "main"
        assert glance.turns("a", "main", "", 5) == [(2, "And this?"), (1, "Why?")]
        assert glance.turns("a", "main", "1", 5) == [(1, "Why?")]
        assert glance.turns("a", "main", "", 1) == [(2, "And this?")]
        assert glance.turns("a", "main", "123456789012", 5) == []
        assert glance.numbers_of_turns("a", "main", "", 5) == [(2, ""), (1, "")]
        assert [glance.count_turns("a", name) for name in ("main", "b", "x")] == [2, 1, 0]
        assert glance.removed("a", 5) == glance.waiting(5) == []


def test_a_file_that_others_write_to(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("UPDATE agent_sessions SET session_id = 'z'")
        assert Path(f"{path}-wal").stat().st_size
        with without_a_trace(path) as glance:
            assert glance.sessions("", 5)[0][0] == "z"
        other.execute("BEGIN IMMEDIATE")
        with without_a_trace(path) as glance:
            assert glance.sessions("", 5)[0][0] == "z"


def test_a_file_that_a_crash_left_with_its_log(path: Path) -> None:
    subprocess.run([sys.executable, "-c", CRASH, path], check=True)
    assert Path(f"{path}-wal").stat().st_size
    with without_a_trace(path) as glance:
        assert glance.sessions("", 5)[0][0] == "b"
    Path(f"{path}-shm").unlink()
    with without_a_trace(path) as glance:
        assert glance.sessions("", 5)[0][0] == "a"


def test_a_file_that_is_locked(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
    with locked(path, "BEGIN EXCLUSIVE"), without_a_trace(path) as glance:
        assert glance.sessions("", 5) == []


def test_a_file_and_a_folder_that_cannot_be_written(path: Path) -> None:
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        with without_a_trace(path) as glance:
            assert glance.sessions("", 5)[0][0] == "a"
    finally:
        path.parent.chmod(0o700)


def test_a_file_of_the_sdk(tmp_path: Path) -> None:
    path = tmp_path / "sdk.db"
    with closing(sqlite3.connect(path)) as file, file:
        file.executescript(
            """
            CREATE TABLE agent_sessions (session_id TEXT, created_at TEXT, updated_at TEXT);
            CREATE TABLE agent_messages (id INTEGER PRIMARY KEY, message_data TEXT);
            CREATE TABLE message_structure (
                session_id TEXT, message_id INTEGER, branch_id TEXT, message_type TEXT,
                sequence_number INTEGER, user_turn_number INTEGER
            );
            INSERT INTO agent_sessions VALUES ('s', '1', '1'), ('t', '2', '2');
            INSERT INTO agent_messages VALUES (1, '{"role": "user", "content": "Hi"}'), (2, 'x');
            INSERT INTO message_structure VALUES
                ('t', 1, 'other', 'user', 1, 1), ('t', 2, 'other', 'user', 2, 2);
            """
        )
    with without_a_trace(path) as glance:
        assert glance.current_session() == "t"
        assert glance.branches("t") == ["other", "main"]
        assert glance.turns("t", "other", "", 5) == [(2, ""), (1, "Hi")]
        assert glance.models(5) == glance.waiting(5) == glance.removed("t", 5) == []


@pytest.mark.parametrize(
    "contents", [None, b"", b"no database", b"SQLite format 3\0" + b"\xff" * 9000]
)
def test_a_file_that_is_no_database(tmp_path: Path, contents: bytes | None) -> None:
    path = tmp_path / "c.db"
    if contents is not None:
        path.write_bytes(contents)
    glance = glance_at(str(path))
    assert glance is None or glance.sessions("", 5) == glance.branches("a")[1:] == []
    assert [one.name for one in tmp_path.iterdir()] == ([] if contents is None else ["c.db"])


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path, tmp_path / "fifo", "a\0b"):
        assert glance_at(str(path)) is None


def test_rows_that_are_no_names(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("CREATE TABLE agent_sessions (session_id, created_at, updated_at)")
        names = [(1,), (None,), (b"x",), ("",), ("l" * 2000,), ("ok",), ("line\nline",)]
        file.executemany("INSERT INTO agent_sessions (session_id) VALUES (?)", names)
        file.execute("INSERT INTO agent_sessions (session_id) VALUES (CAST(x'ff' AS TEXT))")
    with without_a_trace(path) as glance:
        assert {name for name, _ in glance.sessions("", 9)} == {"ok", "line\nline", "\udcff"}


def test_a_table_that_never_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convo.sqlite.glance._LIMIT", 0.05)
    path = tmp_path / "c.db"
    with closing(sqlite3.connect(path)) as file:
        file.execute(
            """
            CREATE VIEW agent_sessions AS
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
            SELECT 's' || i AS session_id, i AS updated_at, i AS rowid FROM n
            """
        )
    with without_a_trace(path) as glance:
        # Without its limit it would run for as long as the test may.
        assert glance.sessions("", 5) == []


def test_the_numbers_with_a_beginning() -> None:
    numbers = [
        number
        for first, last in _numbers_beginning("12")
        for number in range(last, first - 1, -1)
        if number <= 1300
    ]
    assert numbers == [number for number in range(1300, 0, -1) if str(number).startswith("12")]
