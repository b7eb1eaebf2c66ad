"""The base of the store: its database file, opened, read, written and closed."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

from convo.errors import SessionClosedError
from convo.items.decoding import Unreadable
from convo.records import MAIN
from convo.sdk import AdvancedSQLiteSession
from convo.sqlite.connect import IN_MEMORY
from convo.sqlite.files import Content, content_when_unlocked, make
from convo.sqlite.open_databases import resolved
from convo.sqlite.storage import SQLiteStorage
from convo.storage.search_index import Progress, SearchIndex, Stale, answered
from convo.storage.storage import LOCK_TIMEOUT, StorageOptions
from convo.storage.transaction import Transaction
from convo.structure.adoption import ADOPTION

T = TypeVar("T")


class OpenedStore:
    """The file of a store, for as long as its `async with` lasts."""

    def __init__(
        self, path: str | Path, *, create: bool = False, lock_timeout: float = LOCK_TIMEOUT
    ) -> None:
        """Create a store; the file is opened by `async with`.

        Args:
            path: The file, with `~` expanded. A missing one reads as an empty database.
            create: Whether to create the file and its folder, readable by the user alone.
            lock_timeout: Seconds to wait while another process holds the file.
        """
        self.path = resolved(path)
        self._options = StorageOptions(create=True, lock_timeout=lock_timeout)
        self._create = create
        self._storage: SQLiteStorage | None = None
        self._sessions: list[AdvancedSQLiteSession] = []
        self._unreadable = Unreadable(logging.getLogger("convo"))

    async def __aenter__(self) -> Self:
        content = await content_when_unlocked(self.path, self._options)
        if content is Content.NOTHING and self._create:
            make(self.path)
        elif content is Content.NOTHING:
            self.path = IN_MEMORY
        self._storage = SQLiteStorage(self.path, self._options, ADOPTION)
        return self

    async def __aexit__(self, *_: object) -> None:
        storage, self._storage = self._storage, None
        for session in self._sessions:
            await session.close()
        if storage is not None:
            await storage.close()

    def session(self, session_id: str, branch_id: str = MAIN) -> AdvancedSQLiteSession:
        """A session of this file, on a branch; it is closed with the store."""
        session = AdvancedSQLiteSession(
            session_id=session_id,
            db_path=self.path,
            create_tables=True,
            branch_id=branch_id,
            lock_timeout=self._options.lock_timeout,
        )
        self._sessions.append(session)
        return session

    async def _read(self, work: Callable[[Transaction], T], session_id: str | None = None) -> T:
        """Read a session, or with None all sessions, once every message has its structure."""
        return await self._opened().read(session_id, work)

    async def _look(self, work: Callable[[Transaction], T]) -> T:
        """Read data that does not depend on the structure of messages: nothing is caught up."""
        return await self._opened().look(work)

    async def _write(
        self,
        session_id: str | None,
        work: Callable[[Transaction], T],
        *,
        then: Callable[[T], None] | None = None,
        patience: float | None = None,
    ) -> T:
        """Change a session; with None all sessions, or data outside any session."""
        return await self._opened().write(session_id, work, then=then, patience=patience)

    async def _search(
        self,
        index: SearchIndex,
        work: Callable[[Transaction, SearchIndex | None], T | Stale],
        session_id: str | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> T:
        """Like `_read`, with a search index, which is caught up if it is stale.

        `work` gets None as the index if that is not possible.
        """

        async def look(index: SearchIndex | None) -> T | Stale:
            return await self._read(lambda tx: work(tx, index), session_id)

        return await answered(self._opened(), index, look, progress)

    def _opened(self) -> SQLiteStorage:
        if self._storage is None:
            raise SessionClosedError("the store is not open: use it as an async context manager")
        return self._storage
