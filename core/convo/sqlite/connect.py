"""Open an SQLite file for writing, or for reading, even if it cannot be written."""

import sqlite3
from pathlib import Path
from typing import Any

from convo.errors import DatabaseUnavailableError
from convo.sqlite.errors import is_out_of_space, primary_code

IN_MEMORY = ":memory:"

OLDEST = (3, 39)
"""The oldest SQLite that can run convo's statements: it introduced `IS NOT DISTINCT FROM`."""

_LONGEST_VALUE = 512 * 1024 * 1024
"""The most bytes of one value. Otherwise an untrusted file could compute values of a gigabyte."""


class FrozenConnection(sqlite3.Connection):
    """Reads a file without its log and without locks.

    Its reads are valid only if no process has written to the file, which `is_current` tells.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.path = ""
        self.state: object = None

    def is_current(self) -> bool:
        """Whether the file is unchanged since it was opened."""
        return self.state == _state(self.path)


def open_to_write(path: str, *, create: bool, page_cache: int = 0) -> sqlite3.Connection:
    """A connection whose commits are on the disk when they return.

    It caches up to `page_cache` KiB of the file; 0 means SQLite's default.
    """
    location = path
    if path != IN_MEMORY:
        location = f"{Path(path).as_uri()}?mode={'rwc' if create else 'rw'}"
    connection = _connect(location)
    try:
        _set_up(connection, page_cache)
    except BaseException:
        connection.close()
        raise
    return connection


def open_to_read(path: str, *, page_cache: int = 0) -> sqlite3.Connection:
    """A connection to an existing file, for reading even if it cannot be written.

    It caches up to `page_cache` KiB of the file; 0 means SQLite's default.

    SQLite creates log files even to read a database with a write-ahead log. If they cannot be
    created, and the log is empty or missing, the file is read without them.
    """
    try:
        return _readable(_connect(f"{Path(path).as_uri()}?mode=rw"), page_cache)
    except sqlite3.OperationalError as error:
        refusal = error
    state = _state(path)
    if not _forbids_logs(refusal) or state is None or _has_log(path):
        raise refusal
    frozen = _connect(_at_rest(path), FrozenConnection)
    assert isinstance(frozen, FrozenConnection)
    frozen.path, frozen.state = path, state
    return _readable(frozen, page_cache)


def open_at_rest(path: str) -> sqlite3.Connection:
    """A connection to the file alone, as if nobody wrote to it: without its log and any lock.

    What it reads may be out of date, or torn. But it costs half as much as the others, and leaves
    nothing beside the file.
    """
    return _connect(_at_rest(path))


def _at_rest(path: str) -> str:
    return f"{Path(path).as_uri()}?mode=ro&immutable=1"


def _forbids_logs(error: sqlite3.Error) -> bool:
    forbidden = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
    return primary_code(error) in forbidden or is_out_of_space(error)


def _readable(connection: sqlite3.Connection, page_cache: int) -> sqlite3.Connection:
    try:
        _set_up(connection, page_cache)
        # SQLite reads the file only now, and fails here if it cannot.
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _set_up(connection: sqlite3.Connection, page_cache: int) -> None:
    """Make commits wait for the disk, and sorting and temporary tables need no files."""
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA temp_store = MEMORY")
    if page_cache:
        connection.execute(f"PRAGMA cache_size = -{page_cache}")


_OPTIONS: dict[str, Any] = {
    "uri": True,
    "isolation_level": None,
    "check_same_thread": False,
    "timeout": 0,
}


def _connect(
    location: str, factory: type[sqlite3.Connection] = sqlite3.Connection
) -> sqlite3.Connection:
    """A connection that does not trust the file, which an attacker may have prepared."""
    _check_version()
    connection: sqlite3.Connection = sqlite3.connect(location, factory=factory, **_OPTIONS)
    try:
        # Nothing in the schema may call functions with effects outside the file.
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_version() -> None:
    if sqlite3.sqlite_version_info < OLDEST:
        raise DatabaseUnavailableError(
            f"this Python has SQLite {sqlite3.sqlite_version}: convo needs 3.39 or newer",
            hint="use a Python with a newer SQLite: python.org's 3.12 on macOS and Windows, or "
            "the one of `uv python install 3.13` on any system",
        )


def _has_log(path: str) -> bool:
    """Whether there is a log beside the file that is needed to read it."""
    logs = (Path(f"{path}-wal"), Path(f"{path}-journal"))
    return any(log.exists() and log.stat().st_size > 0 for log in logs)


def _state(path: str) -> object:
    """A value that changes when the file is written to or a log begins; None without a file."""
    try:
        file = Path(path).stat()
    except OSError:
        return None
    return file.st_dev, file.st_ino, file.st_size, file.st_mtime_ns, _has_log(path)
