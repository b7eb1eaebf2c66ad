"""The connections to a database file: one, or two as soon as a read and a write come together.

While nothing happens at once, a second connection would only be opened, and would have to read what
the first one has written from the file again.
"""

import os
import sqlite3
import threading
from pathlib import Path
from typing import Literal

from convo.errors import SessionClosedError
from convo.sqlite.connect import IN_MEMORY, open_to_read, open_to_write
from convo.sqlite.connection import ConnectionThread
from convo.sqlite.files import FileIdentity
from convo.storage.storage import StorageOptions

Purpose = Literal["reads", "writes"]


class Connections:
    """The threads of the connections to a file, or the single one of a database in memory.

    The thread that writes also reads until it is found at work; from then on, reads have a thread
    of their own, so that neither waits for the other.
    """

    def __init__(self, path: str) -> None:
        self.identity = FileIdentity(path)
        self._path = path
        self._process = os.getpid()
        self._threads: dict[Purpose, ConnectionThread] = {}
        self._guard = threading.Lock()
        self._are_apart = False
        self._is_shut = False

    def of(self, purpose: Purpose) -> ConnectionThread:
        """The thread for a purpose. Raises `SessionClosedError` once they are detached."""
        if self._path == IN_MEMORY:
            purpose = "writes"
        with self._guard:
            if self._is_shut:
                raise SessionClosedError(f"the database {self._path} has been closed")
            if self._path != IN_MEMORY and len(self._threads) == 1:
                self._share(purpose)
            thread = self._threads.get(purpose)
            if thread is None and purpose == "reads" and not self._are_apart:
                thread = self._threads.get("writes")
            if thread is None:
                thread = ConnectionThread(lambda options: self._open(purpose, options))
                self._threads[purpose] = thread
            return thread

    def _share(self, purpose: Purpose) -> None:
        """Note whether the only thread is at work; if not, it can write from now on."""
        ((first, thread),) = self._threads.items()
        if not thread.is_idle():
            self._are_apart = True
        elif purpose != first and purpose == "writes" and thread.is_writable():
            self._threads = {"writes": thread}

    def detach(self) -> list[ConnectionThread]:
        """Detach the threads and return them; the caller closes them."""
        if self.is_inherited():
            return []
        with self._guard:
            self._is_shut = True
            threads = list(self._threads.values())
            self._threads.clear()
            return threads

    def is_inherited(self) -> bool:
        """Whether this is a copy in a forked process: the connections belong to the parent."""
        return self._process != os.getpid()

    def is_there(self) -> bool:
        """Whether the file exists; a database in memory has none."""
        return self._path != IN_MEMORY and Path(self._path).exists()

    def _open(self, purpose: Purpose, options: StorageOptions) -> sqlite3.Connection:
        self.identity.check()
        connection = (
            open_to_read(self._path, page_cache=options.page_cache)
            if purpose == "reads"
            else open_to_write(self._path, create=options.create, page_cache=options.page_cache)
        )
        try:
            self.identity.note()
        except BaseException:
            connection.close()
            raise
        return connection
