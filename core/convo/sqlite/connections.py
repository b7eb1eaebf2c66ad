"""The two links to one database file: one that reads, one that writes, opened when needed."""

import os
import sqlite3
import threading
from pathlib import Path
from typing import Literal

from convo.errors import SessionClosedError
from convo.sqlite.connect import IN_MEMORY, open_to_read, open_to_write
from convo.sqlite.connection import Link
from convo.sqlite.file_identity import Place

Purpose = Literal["reads", "writes"]


class Links:
    """The links to one file, or the single one to a database in memory."""

    def __init__(self, path: str) -> None:
        self.place = Place(path)
        self._path = path
        self._process = os.getpid()
        self._links: dict[Purpose, Link] = {}
        self._guard = threading.Lock()
        self._may_create = False
        self._page_cache = 0
        self._is_shut = False

    def prepare(self, *, page_cache: int, create: bool = False) -> None:
        """Have connections that are opened from now on keep so many KiB, and create the file."""
        self._page_cache = max(self._page_cache, page_cache)
        self._may_create |= create

    def of(self, purpose: Purpose) -> Link:
        """The link for that purpose. Raises `SessionClosedError` once they are out of use."""
        if self._path == IN_MEMORY:
            purpose = "writes"
        with self._guard:
            if self._is_shut:
                raise SessionClosedError(f"the database {self._path} has been closed")
            link = self._links.get(purpose)
            if link is None:
                link = self._links[purpose] = Link(lambda: self._open(purpose))
            return link

    def shut(self) -> list[Link]:
        """Take the links out of use and return them, to be closed by the caller."""
        if self.is_inherited():
            return []
        with self._guard:
            self._is_shut = True
            links = list(self._links.values())
            self._links.clear()
            return links

    def is_inherited(self) -> bool:
        """Whether this is a copy in a forked process: what is open belongs to the parent."""
        return self._process != os.getpid()

    def is_there(self) -> bool:
        """Whether there is a file; a database in memory has none."""
        return self._path != IN_MEMORY and Path(self._path).exists()

    def _open(self, purpose: Purpose) -> sqlite3.Connection:
        self.place.check()
        connection = (
            open_to_read(self._path, page_cache=self._page_cache)
            if purpose == "reads"
            else open_to_write(self._path, create=self._may_create, page_cache=self._page_cache)
        )
        try:
            self.place.note()
        except BaseException:
            connection.close()
            raise
        return connection
