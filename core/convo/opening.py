"""Opening an SQLite file: to write, or to read wherever SQLite can read at all."""

import sqlite3
from pathlib import Path

from convo.faults import primary_code

IN_MEMORY = ":memory:"


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
        return _readable(f"{Path(path).as_uri()}?mode=rw")
    except sqlite3.OperationalError as error:
        refusal = error
    log = Path(f"{path}-wal")
    if primary_code(refusal) not in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN) or (
        log.exists() and log.stat().st_size > 0
    ):
        raise refusal
    return _readable(f"{Path(path).as_uri()}?mode=ro&immutable=1")


def _readable(location: str) -> sqlite3.Connection:
    connection = _connect(location)
    try:
        # The first look at the file is what fails where it cannot be read.
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(location: str) -> sqlite3.Connection:
    return sqlite3.connect(
        location, uri=True, isolation_level=None, check_same_thread=False, timeout=0
    )
