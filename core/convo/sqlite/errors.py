"""Translate SQLite's errors to convo's: which file, what is wrong with it, what to do."""

import os
import sqlite3

from convo.errors import (
    MORE_DESCRIPTORS,
    NO_DESCRIPTORS,
    DamagedDatabaseError,
    DatabaseError,
    DatabaseFullError,
    DatabaseLockedError,
    DatabaseUnavailableError,
    ReadOnlyDatabaseError,
)

_FILES_OF_A_DATABASE = 3
"""The descriptors of a database: the file, its log, and the log's index in shared memory."""

_PRIMARY_CODE = 0xFF
"""SQLite's extended result codes have the primary code in their lowest byte."""

_INDEX_CANNOT_GROW = (sqlite3.SQLITE_IOERR_SHMOPEN, sqlite3.SQLITE_IOERR_SHMSIZE)


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's primary result code of an error, or SQLITE_ERROR if Python gives none."""
    return _extended_code(error) & _PRIMARY_CODE


def _extended_code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", None) or sqlite3.SQLITE_ERROR


def is_busy(error: BaseException) -> bool:
    """Whether waiting may help: another connection holds a lock."""
    return isinstance(error, sqlite3.OperationalError) and primary_code(error) in (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        # Too many connections tried to use the write-ahead log at once.
        sqlite3.SQLITE_PROTOCOL,
    )


def is_out_of_space(error: sqlite3.Error) -> bool:
    """Whether a file could not grow: the database, its log, or the log's index in shared memory.

    SQLite has no code for the last, but nothing else causes these two.
    """
    return primary_code(error) == sqlite3.SQLITE_FULL or _extended_code(error) in _INDEX_CANNOT_GROW


def busy(message: str) -> sqlite3.OperationalError:
    """An error like the one that SQLite raises if another connection holds the lock."""
    error = sqlite3.OperationalError(message)
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


def is_undecodable(error: sqlite3.Error) -> bool:
    """Whether the error is about text that is not UTF-8; Python gives no code for it."""
    return "Could not decode to UTF-8" in str(error)


def _unavailable(path: str) -> DatabaseUnavailableError:
    what = f"the database {path} cannot be opened"
    if not _may_open_files():
        return DatabaseUnavailableError(f"{what}: {NO_DESCRIPTORS}", hint=MORE_DESCRIPTORS)
    return DatabaseUnavailableError(
        what, hint="it may be a folder, be missing, or be in a folder that does not exist"
    )


def _may_open_files() -> bool:
    """Whether this process has enough free descriptors for a database; SQLite does not say."""
    opened: list[int] = []
    try:
        for _ in range(_FILES_OF_A_DATABASE):
            opened.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return False
    finally:
        for descriptor in opened:
            os.close(descriptor)
    return True


def translated(error: sqlite3.Error, path: str, lock_timeout: float) -> DatabaseError | None:
    """The convo error for an error of the file at `path`; None if the file is not to blame."""
    code = primary_code(error)
    if is_busy(error):
        return DatabaseLockedError(
            f"the database {path} is locked: another process has held it "
            f"for more than {lock_timeout:g} s",
            hint="try again when that process is done",
        )
    if code == sqlite3.SQLITE_READONLY:
        return ReadOnlyDatabaseError(
            f"the database {path} is read-only",
            hint="make the file and its folder writable, or use another file",
        )
    if is_out_of_space(error):
        return DatabaseFullError(
            f"no space is left for the database {path}: nothing of this was stored",
            hint="free some space and try again",
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        what = "is damaged" if code == sqlite3.SQLITE_CORRUPT else "is not an SQLite database"
        return DamagedDatabaseError(f"the file {path} {what}")
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return _unavailable(path)
    if code == sqlite3.SQLITE_IOERR:
        return DatabaseError(f"reading or writing the database {path} failed: {error}")
    if code == sqlite3.SQLITE_TOOBIG:
        return DatabaseError(f"a value is too big for the database {path}: nothing was stored")
    return _of_others(error, path)


def _of_others(error: sqlite3.Error, path: str) -> DatabaseError | None:
    """Errors caused by tables, triggers or constraints that convo did not create.

    In a file that convo created, all its statements are known to run.
    """
    code, said = primary_code(error), str(error)
    if code == sqlite3.SQLITE_INTERRUPT:
        return DatabaseError(
            f"the database {path} kept SQLite busy for too long: nothing of this was stored",
            hint="look for a trigger in it that never ends",
        )
    if code == sqlite3.SQLITE_CONSTRAINT:
        is_trigger = _extended_code(error) == sqlite3.SQLITE_CONSTRAINT_TRIGGER
        who = "a trigger" if is_trigger else "a rule"
        return DatabaseError(f"{who} of the database {path} refuses this: {said}")
    if code != sqlite3.SQLITE_ERROR:
        return None
    if said.startswith(("no such table", "no such column")):
        return DamagedDatabaseError(f"the database {path} has changed: it has {said}")
    if "integer overflow" in said:
        return DamagedDatabaseError(f"the database {path} has numbers too big to be added up")
    return DamagedDatabaseError(f"the database {path} is not as convo makes it: {said}")
