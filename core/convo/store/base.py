"""The base of the store: its database file, opened, read, written and closed."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from convo.engines import open_storage, server_address
from convo.errors import SessionClosedError
from convo.items.decoding import Unreadable
from convo.records import MAIN
from convo.sqlite.connect import IN_MEMORY
from convo.sqlite.files import Content, content_when_unlocked, make
from convo.sqlite.open_databases import resolved
from convo.storage.answering import answered
from convo.storage.search_index import Contents, Progress, SearchIndex, Stale
from convo.storage.storage import LOCK_TIMEOUT, POOL_SIZE, Storage, StorageOptions
from convo.storage.transaction import Transaction
from convo.structure.adoption import ADOPTION

if TYPE_CHECKING:
    from convo.postgres.url import ServerAddress
    from convo.sdk import AdvancedSession

T = TypeVar("T")


class OpenedStore:
    """The database of a store, for as long as its `async with` lasts."""

    def __init__(
        self,
        path: "str | Path | ServerAddress",
        *,
        create: bool = False,
        lock_timeout: float = LOCK_TIMEOUT,
        pool_size: int = POOL_SIZE,
    ) -> None:
        """Create a store; the database is opened by `async with`.

        Args:
            path: The file, with `~` expanded, or the URL of a database on a PostgreSQL server. A
                missing file reads as an empty database.
            create: Whether to create the file and its folder, readable by the user alone, or the
                tables on the server.
            lock_timeout: Seconds to wait while another process holds the file or session.
            pool_size: The most connections of this process to the server.
        """
        self.server = server_address(path)
        """The address of the server; None for a file."""
        self.path = resolved(str(path)) if self.server is None else str(self.server)
        # A file gets the tables that it lacks; a server only if that is wanted.
        if self.server is not None:
            pool_size = self.server.pool_size or pool_size
        self._options = StorageOptions(
            create=create or self.server is None, lock_timeout=lock_timeout, pool_size=pool_size
        )
        self._create = create
        self._storage: Storage | None = None
        self._sessions: list[AdvancedSession] = []
        self._unreadable = Unreadable(logging.getLogger("convo"))

    async def __aenter__(self) -> Self:
        if self.server is None:
            await self._look_at_file()
        self._storage = open_storage(self.server or self.path, self._options, ADOPTION)
        return self

    async def _look_at_file(self) -> None:
        content = await content_when_unlocked(self.path, self._options)
        if content is Content.NOTHING and self._create:
            make(self.path)
        elif content is Content.NOTHING:
            self.path = IN_MEMORY

    async def __aexit__(self, *_: object) -> None:
        storage, self._storage = self._storage, None
        for session in self._sessions:
            await session.close()
        if storage is not None:
            await storage.close()

    def session(self, session_id: str, branch_id: str = MAIN) -> "AdvancedSession":
        """A session of this file, on a branch; it is closed with the store."""
        # Imported here because most programs that look at a database need none.
        from convo.sdk import AdvancedPostgresSession, AdvancedSQLiteSession

        session: AdvancedSession
        if self.server is None:
            session = AdvancedSQLiteSession(
                session_id=session_id,
                db_path=self.path,
                create_tables=True,
                branch_id=branch_id,
                lock_timeout=self._options.lock_timeout,
            )
        else:
            session = AdvancedPostgresSession(
                session_id,
                url=self.server,
                create_tables=self._create,
                branch_id=branch_id,
                lock_timeout=self._options.lock_timeout,
                pool_size=self._options.pool_size,
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
        contents: Contents,
        work: Callable[[Transaction, SearchIndex | None], T | Stale],
        session_id: str | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> T:
        """Like `_read`, with a search index, which is caught up if it is stale.

        `work` gets None as the index if that is not possible.
        """

        async def look(index: SearchIndex | None) -> T | Stale:
            return await self._read(lambda tx: work(tx, index), session_id)

        return await answered(self._opened(), self._opened().index(contents), look, progress)

    def _opened(self) -> Storage:
        if self._storage is None:
            raise SessionClosedError("the store is not open: use it as an async context manager")
        return self._storage
