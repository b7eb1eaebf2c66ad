"""Back up a database that is in use: copy one snapshot, verify the copy, then put it in place.

Copying the file itself is not enough: the last writes may still be in the write-ahead log, and a
copy that is made during a checkpoint mixes pages of two states.
"""

import os
import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path

from convo.errors import (
    ConflictError,
    DamagedDatabaseError,
    DatabaseError,
    DatabaseUnavailableError,
    NameTakenError,
)
from convo.records import Backup
from convo.sqlite.connect import open_to_read, open_to_write
from convo.sqlite.errors import translated
from convo.sqlite.transaction import SQLiteTransaction

_LOGS = ("-wal", "-journal")
_BESIDE = (*_LOGS, "-shm")
"""The suffixes of the files that SQLite keeps beside a database."""


def back_up(tx: SQLiteTransaction, source: Path, target: Path, *, overwrite: bool) -> Backup:
    """Copy the database to a file that only the user may read.

    Raises `NameTakenError` for an existing file, unless it is to be overwritten, `ConflictError`
    for a target that a copy must not replace, and a `DatabaseError` if the copy cannot be made or
    differs from the original; the copy is then deleted.
    """
    _check_place(source, target)
    if not overwrite and os.path.lexists(target):
        raise _taken(target)
    if target.exists() and not target.is_file():
        # Replacing a device or a FIFO would delete it, and /dev/null is shared by all.
        raise _impossible(target, "it is not a file")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:50]}.", dir=target.parent)
        os.close(handle)
    except OSError as error:
        raise _impossible(target, error.strerror) from error
    copy = Path(name)
    try:
        _copy(tx, copy)
        counts = _verified(tx, copy)
        size = copy.stat().st_size
        _put(copy, target, overwrite=overwrite)
    except sqlite3.Error as error:
        raise translated(error, str(target), 0) or error from error
    except OSError as error:
        raise _impossible(target, error.strerror) from error
    finally:
        for end in ("", *_BESIDE):
            Path(f"{copy}{end}").unlink(missing_ok=True)
    return Backup(str(target), size, *counts)


def _check_place(source: Path, target: Path) -> None:
    """Raise `ConflictError` if a copy would do damage, whether or not it may overwrite."""
    if target.exists() and target.samefile(source):
        raise ConflictError(f"'{target}' is the database itself", hint="name another file")
    if any(target == Path(f"{os.path.realpath(source)}{end}") for end in _BESIDE):
        raise ConflictError(f"'{target}' belongs to the database itself", hint="name another file")
    for log in (Path(f"{target}{end}") for end in _LOGS):
        if log.exists() and log.stat().st_size > 0:
            # SQLite would apply the log to the copy.
            raise ConflictError(
                f"'{log}' is a log of the database that '{target}' is or was",
                hint="close the programs that have that database open, or name another file",
            )


def _copy(tx: SQLiteTransaction, copy: Path) -> None:
    with closing(open_to_write(str(copy), create=True)) as connection:
        tx.copy_to(connection)
        # So that the copy is a single file, which is readable even in a read-only folder.
        connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    with copy.open("rb+") as file:
        os.fsync(file.fileno())


def _verified(tx: SQLiteTransaction, copy: Path) -> tuple[int, int]:
    """Check the copy against the original; return its numbers of sessions and messages."""
    with closing(open_to_read(str(copy))) as connection:
        copied = tx.of(connection)
        faults = [message for (message,) in copied.rows("integrity_check") if message != "ok"]
        counts: tuple[int, int] = copied.row("count_all")
    if faults:
        raise DamagedDatabaseError(
            f"the copy is damaged, as the database may be: {faults[0]}",
            hint="see `convo db check`",
        )
    if counts != tx.row("count_all"):
        raise DatabaseError("the copy and the database have different messages")
    return counts


def _put(copy: Path, target: Path, *, overwrite: bool) -> None:
    if overwrite:
        copy.replace(target)
        return
    try:
        # Unlike a rename, a link does not replace a file that was created in the meantime.
        os.link(copy, target)
    except FileExistsError:
        raise _taken(target) from None
    with suppress(OSError):
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _taken(target: Path) -> NameTakenError:
    return NameTakenError(f"'{target}' already exists")


def _impossible(target: Path, why: str | None) -> DatabaseUnavailableError:
    return DatabaseUnavailableError(
        f"the copy {target} cannot be made: {why}",
        hint="name a file in an existing folder that you may write to",
    )
