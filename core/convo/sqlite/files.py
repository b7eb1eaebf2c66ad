"""Database files: check what they hold, create them for the user alone, and notice replacement.

SQLite keeps writing to a file that has been deleted or replaced; those writes are lost when the
connection is closed. So every transaction checks a `FileIdentity` before it commits.
"""

import asyncio
import os
import sqlite3
import time
from contextlib import closing
from enum import Enum, auto
from pathlib import Path

from convo.errors import (
    DatabaseLockedError,
    DatabaseUnavailableError,
    NotAConversationDatabaseError,
)
from convo.sqlite.connect import IN_MEMORY, open_to_read
from convo.sqlite.dialect import statements_for
from convo.sqlite.errors import translated
from convo.storage.forking import gate
from convo.storage.statements import unquoted
from convo.storage.storage import StorageOptions

_Identity = tuple[int, int]

_PAUSE = 0.02
"""Seconds between two tries to read a locked file."""


class Content(Enum):
    """What a file holds, from convo's point of view."""

    NOTHING = auto()
    CONVERSATIONS = auto()


def content_of(path: str, options: StorageOptions) -> Content:
    """Check what a file holds without changing it, and without waiting if it is locked.

    Raises `DatabaseError` for a folder, for a file that is not an SQLite database, and for a
    database of another program.
    """
    file, statements = Path(path), statements_for(options.tables)
    if file.is_dir():
        raise DatabaseUnavailableError(f"{path} is a folder", hint="name a database file in it")
    try:
        if not file.exists() or file.stat().st_size == 0:
            return Content.NOTHING
        with gate.working(), closing(open_to_read(path)) as connection:
            objects = connection.execute(statements["objects_present"]).fetchall()
    except OSError as error:
        raise DatabaseUnavailableError(f"{path} cannot be read: {error.strerror}") from error
    except sqlite3.Error as error:
        raise translated(error, path, options.lock_timeout) or error from error
    tables = {name.lower() for kind, name, _ in objects if kind == "table"}
    if not tables:
        return Content.NOTHING
    tables_of_conversations = {
        unquoted(statements.tables.sessions).lower(),
        unquoted(statements.tables.messages).lower(),
    }
    if not tables_of_conversations <= tables:
        raise NotAConversationDatabaseError(
            f"{path} is a database, but not one of conversations: "
            f"it has no table '{statements.tables.messages}'"
        )
    return Content.CONVERSATIONS


async def content_when_unlocked(path: str, options: StorageOptions) -> Content:
    """Like `content_of`, but waits if another process holds the file for a moment."""
    deadline = time.monotonic() + options.lock_timeout
    while True:
        try:
            return content_of(path, options)
        except DatabaseLockedError:
            if time.monotonic() >= deadline:
                raise
        await asyncio.sleep(_PAUSE)


def make(path: str) -> None:
    """Create an empty file, and its folder, for the user alone; keep an existing file.

    Raises `DatabaseUnavailableError` if that fails.
    """
    file = Path(path)
    try:
        if not file.parent.exists():
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise DatabaseUnavailableError(
            f"the database {path} cannot be made: {error.strerror}",
            hint="name a file in a folder that you may write to",
        ) from error


class FileIdentity:
    """A path, and the identity of the file that was first opened there."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._opened: _Identity | None = None

    def note(self) -> None:
        """Record the file that has just been opened; every later one has to be the same."""
        if self._opened is None:
            self._opened = self._found()
        self.check()

    def check(self) -> None:
        """Raise `DatabaseUnavailableError` if the file has been deleted or replaced."""
        if not self.is_lost():
            return
        what = "deleted" if self._found() is None else "replaced by another file"
        raise DatabaseUnavailableError(
            f"the database {self._path} has been {what} while it was open: "
            "nothing more is read from it or written to it",
            hint="close every session on it and open them again",
        )

    def is_lost(self) -> bool:
        """Whether a file was opened and has been deleted or replaced since."""
        return self._opened is not None and self._opened != self._found()

    def _found(self) -> _Identity | None:
        if self._path == IN_MEMORY:
            return None
        try:
            file = os.stat(self._path)  # noqa: PTH116 - at every read, and this costs the least
        except OSError:
            return None
        return file.st_dev, file.st_ino
