"""The `Storage` of a session or a store in an SQLite file.

All sessions and stores on the same file and event loop share a `Database` with its connections.
"""

import asyncio
import sqlite3
import weakref
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from convo.errors import (
    DatabaseError,
    DatabaseUnavailableError,
    NotAConversationDatabaseError,
    SessionClosedError,
)
from convo.records import Backup
from convo.sqlite import backup, open_databases
from convo.sqlite.connect import IN_MEMORY, open_at_rest, open_to_read
from convo.sqlite.connection import ConnectionThread
from convo.sqlite.database import Change, Database
from convo.sqlite.dialect import statements_for
from convo.sqlite.errors import is_busy, translated
from convo.sqlite.full_text import index_for
from convo.sqlite.schema import Schema
from convo.storage.forking import gate
from convo.storage.remembered import Remembered
from convo.storage.search_index import Contents, SearchIndex
from convo.storage.storage import CatchUp, StorageOptions
from convo.storage.transaction import Transaction

T = TypeVar("T")
_Databases = weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Database]

_CATCH_UP_PATIENCE = 1.0
"""Seconds that a read waits for a lock to store what it has caught up."""

_BEHIND = object()


class SQLiteStorage:
    """A `Storage` in an SQLite file, or in memory."""

    def __init__(self, path: str, options: StorageOptions, catch_up: CatchUp) -> None:
        """Set the file by its resolved path; it is opened when it is first used.

        Raises `ValueError` for invalid table names.
        """
        self._statements = statements_for(options.tables)
        self.path = path
        self.options = options
        self._catch_up = catch_up
        self._behind = Remembered[list[str]]()
        self._is_closed = False
        self._databases: _Databases = weakref.WeakKeyDictionary()
        self._in_memory = Database(IN_MEMORY) if path == IN_MEMORY else None
        if options.create:
            _creators.add(self)
        # A storage that is dropped without being closed must not keep the file open for ever.
        self._finalizer = weakref.finalize(self, _abandon, self._databases, self._in_memory)
        self._finalizer.atexit = False

    def check(self) -> None:
        """Raise `NotAConversationDatabaseError` if tables are missing or of another program.

        Does not wait, and creates no file. If another process holds the file, the check is left to
        the first use.
        """
        create = self.options.create or self._will_be_created()
        if Path(self.path).is_dir():
            raise DatabaseUnavailableError(f"{self.path} is a folder, not a database file")
        if self.path == IN_MEMORY or not Path(self.path).exists():
            if not create:
                raise NotAConversationDatabaseError(
                    f"the structure tables do not exist, because {self.path} is empty: "
                    "use create_tables=True to create them"
                )
            return
        schema = Schema(self._statements, self.path)
        try:
            with gate.working(), closing(open_at_rest(self.path)) as connection:
                schema.check_usable(connection, create=create)
        except (sqlite3.Error, NotAConversationDatabaseError):
            # Whatever is amiss may only be so because the file was read without its log.
            self._check_with_log(schema, create=create)

    def _check_with_log(self, schema: Schema, *, create: bool) -> None:
        try:
            with gate.working(), closing(open_to_read(self.path)) as connection:
                schema.check_usable(connection, create=create)
        except sqlite3.Error as error:
            if not is_busy(error):
                raise translated(error, self.path, 0) or error from error

    async def read(
        self,
        session_id: str | None,
        work: Callable[[Transaction], T],
        ahead: Callable[[Transaction], bool] | None = None,
    ) -> T:
        """See `Storage`; nothing is gained by announcing queries."""
        behind, catch_up = self._catch_up

        def look(tx: Transaction) -> object:
            found = self._behind.of(tx, behind, session_id)
            return _BEHIND if found else work(tx)

        found = await self.look(look)
        if found is not _BEHIND:
            return found  # type: ignore[return-value]

        def change(tx: Transaction) -> None:
            for name in behind(tx, session_id):
                catch_up(tx, name)

        try:
            await self.write(session_id, change, patience=_CATCH_UP_PATIENCE)
        except DatabaseError:
            # Reading must work even without write access: catch up for this read only.
            after = Change(session_id, change)
            return await self._database().read(self.options, work, after=after)
        return await self.look(work)

    async def look(self, work: Callable[[Transaction], T]) -> T:
        """See `Storage`."""
        return await self._database().read(self.options, work)

    async def write(
        self,
        session_id: str | None,
        work: Callable[[Transaction], T],
        *,
        then: Callable[[T], None] | None = None,
        patience: float | None = None,
    ) -> T:
        """See `Storage`; SQLite has one writer at a time, whatever the session."""
        options = self.options
        if patience is not None:
            options = options._replace(lock_timeout=min(options.lock_timeout, patience))
        return await self._database().write(options, work, then=then)

    def index(self, contents: Contents) -> SearchIndex:
        """See `Storage`."""
        return index_for(contents)

    async def shrink(self) -> int:
        """See `Storage`."""
        return await self._database().shrink(self.options)

    async def back_up(self, target: Path, *, overwrite: bool) -> Backup:
        """Copy the file to another one: see `backup.back_up`."""
        source = Path(self.path)
        return await self._database().read(
            self.options, lambda tx: backup.back_up(tx, source, target, overwrite=overwrite)
        )

    async def close(self) -> None:
        """See `Storage`."""
        self._is_closed = True
        self._finalizer.detach()
        for thread in _detached(self._databases, self._in_memory):
            await thread.close()

    def _database(self) -> Database:
        if self._is_closed:
            raise SessionClosedError(f"the database {self.path} has been closed")
        if self._in_memory is not None:
            return self._in_memory
        loop = asyncio.get_running_loop()
        database = self._databases.get(loop)
        if database is None or database.is_inherited():
            database = self._databases[loop] = open_databases.acquire(self.path)
        return database

    def _will_be_created(self) -> bool:
        """Whether another session in this process will create the same tables at its first use."""
        return self.path != IN_MEMORY and any(
            other.path == self.path and other.options.tables == self.options.tables
            for other in _creators
        )


_creators: "weakref.WeakSet[SQLiteStorage]" = weakref.WeakSet()


def _detached(databases: _Databases, in_memory: Database | None) -> list[ConnectionThread]:
    threads = [
        thread for database in databases.values() for thread in open_databases.release(database)
    ]
    databases.clear()
    return threads + (in_memory.detach_connections() if in_memory else [])


def _abandon(databases: _Databases, in_memory: Database | None) -> None:
    for thread in _detached(databases, in_memory):
        thread.shut()
