"""Whether a path still names the file that was opened there.

SQLite goes on writing to a file that has been deleted or replaced under it; what it writes then
is gone when the connection is closed. So every transaction asks here before it counts.
"""

from pathlib import Path

from convo.errors import DatabaseUnavailableError
from convo.sqlite.connect import IN_MEMORY

_Identity = tuple[int, int]


class Place:
    """A path, and which file was found there when it was first opened."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file = Path(path)
        self._opened: _Identity | None = None

    def note(self) -> None:
        """Remember the file that has just been opened; every later one has to be the same."""
        if self._opened is None:
            self._opened = self._found()
        self.check()

    def check(self) -> None:
        """Raise `DatabaseUnavailableError` once another file is at the path, or none."""
        if not self.is_lost():
            return
        what = "deleted" if self._found() is None else "replaced by another file"
        raise DatabaseUnavailableError(
            f"the database {self._path} has been {what} while it was open: "
            "nothing more is read from it or written to it",
            hint="close every session on it and open them again",
        )

    def is_lost(self) -> bool:
        """Whether a file was opened here, and is not here any more."""
        return self._opened is not None and self._opened != self._found()

    def _found(self) -> _Identity | None:
        if self._path == IN_MEMORY:
            return None
        try:
            file = self._file.stat()
        except OSError:
            return None
        return file.st_dev, file.st_ino
