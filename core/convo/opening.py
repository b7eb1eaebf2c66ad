"""Opening an SQLite file: to write, or to read wherever SQLite can read at all."""

import sqlite3
from pathlib import Path

from convo.faults import is_out_of_space, primary_code

IN_MEMORY = ":memory:"


class FrozenConnection(sqlite3.Connection):
    """Reads a file as it stood when it was opened: not to be kept, since others may write on."""


def open_to_write(path: str, *, create: bool) -> sqlite3.Connection:
    """A connection whose commits are on the disk when they return."""
    location = path
    if path != IN_MEMORY:
        location = f"{Path(path).as_uri()}?mode={'rwc' if create else 'rw'}"
    connection = _connect(location)
    try:
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def open_to_read(path: str) -> sqlite3.Connection:
    """A connection that changes nothing; the file has to be there.

    A database with a write-ahead log needs its log files made even to be read. Where they cannot
    be made, and there is no log with anything in it, the file is read as it stands.
    """
    try:
        return _readable(f"{Path(path).as_uri()}?mode=rw", sqlite3.Connection)
    except sqlite3.OperationalError as error:
        refusal = error
    log = Path(f"{path}-wal")
    if not _forbids_logs(refusal) or (log.exists() and log.stat().st_size > 0):
        raise refusal
    return _readable(f"{Path(path).as_uri()}?mode=ro&immutable=1", FrozenConnection)


def _forbids_logs(error: sqlite3.Error) -> bool:
    forbidden = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
    return primary_code(error) in forbidden or is_out_of_space(error)


def _readable(location: str, factory: type[sqlite3.Connection]) -> sqlite3.Connection:
    connection = _connect(location, factory)
    try:
        # The first look at the file is what fails where it cannot be read.
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(
    location: str, factory: type[sqlite3.Connection] = sqlite3.Connection
) -> sqlite3.Connection:
    return sqlite3.connect(
        location,
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=0,
        factory=factory,
    )
