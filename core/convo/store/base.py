"""A database file opened for a store: found or made, read, written, closed."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, TypeVar

from convo.errors import SessionClosedError
from convo.items.unreadable import Unreadable
from convo.records import MAIN
from convo.sdk import AdvancedSQLiteSession
from convo.sqlite import open_databases
from convo.sqlite.connect import IN_MEMORY
from convo.sqlite.database import Database
from convo.sqlite.files import Content, content_when_unlocked, make
from convo.storage.search_index import Progress, SearchIndex, Stale, answered
from convo.storage.statements import Tables, statements_for
from convo.storage.storage import LOCK_TIMEOUT, Access, hurried
from convo.storage.transaction import Transaction
from convo.structure import adoption

T = TypeVar("T")


class OpenedStore:
    """The file of a store, for as long as its `async with` lasts."""

    def __init__(
        self, path: str | Path, *, create: bool = False, lock_timeout: float = LOCK_TIMEOUT
    ) -> None:
        """Name the file.

        Args:
            path: The file, with `~` expanded. One that is not there reads as an empty database.
            create: Whether to make the file and its folder, readable by the user alone.
            lock_timeout: Seconds to wait while another process holds the file.
        """
        self.path = open_databases.resolved(path)
        self._access = Access(statements_for(Tables()), True, lock_timeout)
        self._create = create
        self._database: Database | None = None
        self._sessions: list[AdvancedSQLiteSession] = []
        self._unreadable = Unreadable(logging.getLogger("convo"))

    async def __aenter__(self) -> Self:
        content = await content_when_unlocked(self.path, self._access)
        if content is Content.NOTHING and self._create:
            make(self.path)
        elif content is Content.NOTHING:
            self.path = IN_MEMORY
        self._database = (
            Database(IN_MEMORY) if self.path == IN_MEMORY else open_databases.acquire(self.path)
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        database, self._database = self._database, None
        for session in self._sessions:
            await session.close()
        if database is not None:
            in_memory = self.path == IN_MEMORY
            for link in database.links() if in_memory else open_databases.release(database):
                await link.close()

    def session(self, session_id: str, branch_id: str = MAIN) -> AdvancedSQLiteSession:
        """A session of this file, standing on a branch; closed with the store."""
        session = AdvancedSQLiteSession(
            session_id=session_id,
            db_path=self.path,
            create_tables=True,
            branch_id=branch_id,
            lock_timeout=self._access.lock_timeout,
        )
        self._sessions.append(session)
        return session

    async def _read(self, work: Callable[[Transaction], T], session_id: str | None = None) -> T:
        return await adoption.read_adopted(self._opened(), self._access, session_id, work)

    async def _look(self, work: Callable[[Transaction], T]) -> T:
        """Read what no message without structure changes: no session has to be caught up."""
        return await self._opened().read(self._access, work)

    async def _write(
        self, work: Callable[[Transaction], T], *, then: Callable[[T], None] | None = None
    ) -> T:
        return await self._opened().write(self._access, work, then=then)

    async def _search(
        self,
        index: SearchIndex,
        work: Callable[[Transaction, SearchIndex | None], T | Stale],
        session_id: str | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> T:
        """As `_read`, with an index that is caught up where it is stale.

        `work` is given None for it where that cannot be done.
        """

        async def look(index: SearchIndex | None) -> T | Stale:
            return await self._read(lambda tx: work(tx, index), session_id)

        async def write(work: Callable[[Transaction], Any]) -> Any:
            return await self._opened().write(hurried(self._access), work)

        return await answered(index, look, write, progress)

    def _opened(self) -> Database:
        if self._database is None:
            raise SessionClosedError("the store is not open: use it as an async context manager")
        return self._database
