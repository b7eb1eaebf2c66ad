"""A session's way to its file: the shared database, the branch it stands on, open or closed."""

import asyncio
import sqlite3
import weakref
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from convo.errors import DatabaseUnavailableError, NotAConversationDatabaseError, SessionClosedError
from convo.sdk.pointer import Pointer, located
from convo.sqlite import open_databases
from convo.sqlite.connect import IN_MEMORY, open_to_read
from convo.sqlite.database import Database
from convo.sqlite.errors import is_busy, translated
from convo.sqlite.schema import Schema
from convo.storage.forking import gate
from convo.storage.search_index import SearchIndex, Stale, answered
from convo.storage.storage import Access, hurried
from convo.storage.transaction import Transaction
from convo.structure import adoption

T = TypeVar("T")
_Databases = weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Database]


class SessionFile:
    """Reads and writes one session of a file, on the branch that its pointer names."""

    _creators: ClassVar["weakref.WeakSet[SessionFile]"] = weakref.WeakSet()

    def __init__(self, session_id: str, path: str | Path, access: Access, branch_id: str) -> None:
        self.path = open_databases.resolved(path)
        self.pointer = Pointer(branch_id)
        self._session_id = session_id
        self._access = access
        self._closed = False
        self._databases: _Databases = weakref.WeakKeyDictionary()
        self._in_memory = Database(IN_MEMORY) if self.path == IN_MEMORY else None
        if access.create:
            self._creators.add(self)
        # A session that is dropped without being closed must not keep the file open for ever.
        self._finalizer = weakref.finalize(self, _abandon, self._databases, self._in_memory)
        self._finalizer.atexit = False

    def check(self) -> None:
        """Raise what the contract wants raised at once: tables that are missing or not ours.

        Looks without waiting and leaves no file behind. What cannot be seen now, because another
        process holds the file, is found at the first use.
        """
        schema = Schema(self._access.statements, self.path)
        if Path(self.path).is_dir():
            raise DatabaseUnavailableError(f"{self.path} is a folder, not a database file")
        if self.path == IN_MEMORY or not Path(self.path).exists():
            if not self._access.create and not self._will_be_created():
                raise NotAConversationDatabaseError(
                    f"the structure tables are not there, because {self.path} is empty: "
                    "use create_tables=True to create them"
                )
            return
        try:
            create = self._access.create or self._will_be_created()
            with gate.working(), closing(open_to_read(self.path)) as connection:
                schema.check_usable(connection, create=create)
        except sqlite3.Error as error:
            if not is_busy(error):
                raise translated(error, self.path, 0) or error from error

    def check_open(self) -> None:
        """Raise `SessionClosedError` once the session is closed."""
        if self._closed:
            raise SessionClosedError(f"session '{self._session_id}' is closed")

    async def read(self, work: Callable[[Transaction, Pointer], T]) -> T:
        """Run `work` on a snapshot in which every message has its structure."""
        self.check_open()
        asked = self.pointer

        def look(tx: Transaction) -> tuple[Pointer, T]:
            found = located(tx, self._session_id, asked)
            return found, work(tx, found)

        found, result = await adoption.read_adopted(
            self._database(), self._access, self._session_id, look
        )
        self._follow(asked, found)
        return result

    async def search(
        self,
        index: SearchIndex,
        work: Callable[[Transaction, Pointer, SearchIndex | None], T | Stale],
    ) -> T:
        """As `read`, with an index that is caught up where it is stale.

        `work` is given None for it where that cannot be done.
        """

        async def look(index: SearchIndex | None) -> T | Stale:
            return await self.read(lambda tx, pointer: work(tx, pointer, index))

        async def write(work: Callable[[Transaction], Any]) -> Any:
            return await self._database().write(hurried(self._access), work)

        self.check_open()
        return await answered(index, look, write)

    async def write(
        self,
        work: Callable[[Transaction, Pointer], T],
        *,
        then: Callable[[T], None] | None = None,
    ) -> T:
        """Run `work` in a transaction of its own.

        `then` is given the result before anybody else can act on this session, and even if the
        caller has been cancelled by then.
        """
        self.check_open()
        asked = self.pointer

        def change(tx: Transaction) -> tuple[Pointer, T]:
            found = located(tx, self._session_id, asked)
            return found, work(tx, found)

        def settle(outcome: tuple[Pointer, T]) -> None:
            self._follow(asked, outcome[0])
            if then is not None:
                then(outcome[1])

        _, result = await self._database().write(self._access, change, then=settle)
        return result

    async def close(self) -> None:
        """Let go of the file; waits until what was under way is done. May be repeated."""
        self._closed = True
        self._finalizer.detach()
        databases = list(self._databases.values())
        self._databases.clear()
        links = [link for database in databases for link in open_databases.release(database)]
        if self._in_memory is not None:
            links += self._in_memory.links()
        for link in links:
            await link.close()

    def _follow(self, asked: Pointer, found: Pointer) -> None:
        """Go where the file says, unless the session has been moved since it was asked."""
        if self.pointer == asked:
            self.pointer = found

    def _database(self) -> Database:
        if self._in_memory is not None:
            return self._in_memory
        loop = asyncio.get_running_loop()
        database = self._databases.get(loop)
        if database is None or database.is_inherited():
            database = self._databases[loop] = open_databases.acquire(self.path)
        return database

    def _will_be_created(self) -> bool:
        """Whether another session of this process is to make the same tables at its first use."""
        return any(
            other.path == self.path
            and self.path != IN_MEMORY
            and other._access.statements is self._access.statements
            for other in self._creators
        )


def _abandon(databases: _Databases, in_memory: Database | None) -> None:
    links = [link for database in databases.values() for link in open_databases.release(database)]
    for link in links + (in_memory.links() if in_memory else []):
        link.shut()
