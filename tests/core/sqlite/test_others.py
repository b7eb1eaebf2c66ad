"""SQLite files of other programs, which may hold anything."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from convo.sqlite.others import OtherFileError, other_file


def written(path: Path, script: str) -> Path:
    with closing(sqlite3.connect(path)) as file:
        file.executescript(script)
    return path


def test_only_what_is_stored_is_listed(tmp_path: Path) -> None:
    path = written(
        tmp_path / "f.db",
        "CREATE TABLE a (x, y AS (x || x)); CREATE VIEW b AS SELECT 1 AS x;"
        "CREATE VIRTUAL TABLE c USING fts5 (x);",
    )
    with other_file(path, 1_000) as file:
        found = file.columns()
    assert found["a"] == {"x"}
    assert not {"b", "c"} & found.keys()


def test_text_that_is_no_utf_8_is_read(tmp_path: Path) -> None:
    path = written(
        tmp_path / "f.db", "CREATE TABLE a (x); INSERT INTO a VALUES (CAST(x'ff' AS TEXT))"
    )
    with other_file(path, 1_000) as file:
        assert [row["x"] for row in file.rows("SELECT x FROM a")] == ["\ufffd"]


def test_values_are_bounded_and_nothing_is_written(tmp_path: Path) -> None:
    path = written(tmp_path / "f.db", "CREATE TABLE a (x); INSERT INTO a VALUES (zeroblob(5000))")
    with other_file(path, 1_000) as file:
        for statement in ("SELECT x FROM a", "DELETE FROM a"):
            with pytest.raises(OtherFileError):
                list(file.rows(statement))


@pytest.mark.parametrize("data", [None, b"no database" * 100])
def test_what_is_no_database_is_refused(tmp_path: Path, data: bytes | None) -> None:
    path = tmp_path / "f.db"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(OtherFileError), other_file(path, 1_000) as file:
        file.columns()
