"""A database file with one connection or, once a read and a write have met, one for each.

With write-ahead logging, one can read while the other, or another process, writes. A database in
memory always has a single connection.
"""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from convo.errors import DamagedDatabaseError, DatabaseError
from convo.sqlite.completeness import Completeness
from convo.sqlite.connect import FrozenConnection
from convo.sqlite.connection import ConnectionThread
from convo.sqlite.connections import Connections
from convo.sqlite.dialect import statements_for
from convo.sqlite.errors import busy
from convo.sqlite.group_commit import GroupCommit, Write, do_together
from convo.sqlite.retrying import in_transaction, retry_while_busy
from convo.sqlite.transaction import SQLiteTransaction
from convo.storage.pending_result import PendingResult, Withdrawn
from convo.storage.storage import StorageOptions

T = TypeVar("T")

_UPGRADE_TIMEOUT = 1.0
"""Seconds that a first read waits to create missing tables before it reads without them."""


class Change(NamedTuple):
    """A change to make before a read, and the session that it concerns; None for all sessions."""

    session_id: str | None
    make: Callable[[SQLiteTransaction], object]


class _Incomplete:
    """Found instead of a result: the file lacks tables, which have to be created first."""


class Database:
    """One file, or one database in memory, shared by all its users on one event loop."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._connections = Connections(path)
        self._completeness = Completeness(path)
        self._commits = GroupCommit(self._commit)
        self._is_wal = False

    async def read(
        self,
        options: StorageOptions,
        work: Callable[[SQLiteTransaction], T],
        *,
        after: Change | None = None,
    ) -> T:
        """Run `work` on one consistent snapshot; it may run more than once.

        With `after`, the snapshot is seen as it would be after that change, which is made in
        temporary copies and then discarded: for files that cannot be written. Raises a
        `DatabaseError` that says what is wrong with the file.
        """
        while True:
            if self._completeness.is_settled(options.tables) or self._connections.is_there():
                found = await self._read(options, work, after)
                if not isinstance(found, _Incomplete):
                    return found
            await self._complete(options)

    async def write(
        self,
        options: StorageOptions,
        work: Callable[[SQLiteTransaction], T],
        *,
        then: Callable[[T], None] | None = None,
    ) -> T:
        """Run `work` in a transaction that holds the write lock from its start.

        When this returns, the transaction is on the disk; when it raises a `DatabaseError`, it has
        been rolled back. A `CancelledError` is raised only after the transaction has ended, either
        way; `then` has been called with the result if it was committed.
        """
        thread = self._connections.of("writes")
        return await self._commits.join(thread, Write(options, work, then))

    async def shrink(self, options: StorageOptions) -> int:
        """Rebuild the file without its unused space; return the number of bytes saved.

        Readers can continue; writers are waited for. If this raises a `DatabaseError`, the file is
        still intact.
        """
        thread = self._connections.of("writes")

        def rebuild(result: PendingResult[int]) -> int:
            self._retry(options, [result], lambda: self._ensure_wal(thread.connection(options)))
            self._retry(options, [result], lambda: self._change(thread, options, lambda _: None))
            return self._retry(
                options, [result], lambda: self._vacuum(thread.connection(options), options, result)
            )

        return await thread.call(rebuild)

    def detach_connections(self) -> list[ConnectionThread]:
        """Detach both connections and return them; the caller closes them."""
        return self._connections.detach()

    def is_inherited(self) -> bool:
        """Whether this is a copy in a forked process: the connections belong to the parent."""
        return self._connections.is_inherited()

    def is_lost(self) -> bool:
        """Whether the file has been deleted or replaced since it was opened."""
        return self._connections.identity.is_lost()

    async def _read(
        self,
        options: StorageOptions,
        work: Callable[[SQLiteTransaction], T],
        after: Change | None,
    ) -> "T | _Incomplete":
        thread = self._connections.of("reads")
        return await thread.read(
            lambda result: self._retry(
                options, [result], lambda: self._look(thread, options, result, work, after)
            )
        )

    async def _complete(self, options: StorageOptions) -> None:
        writes = self._connections.of("writes")
        try:
            patience = min(options.lock_timeout, _UPGRADE_TIMEOUT)
            hasty = options._replace(lock_timeout=patience)
            await writes.call(lambda result: self._complete_tables(writes, hasty, result))
        except DatabaseError:
            if not self._connections.is_there():
                raise
            self._completeness.give_up(options.tables)

    def _look(
        self,
        thread: ConnectionThread,
        options: StorageOptions,
        result: PendingResult[Any],
        work: Callable[[SQLiteTransaction], T],
        after: Change | None,
    ) -> "T | _Incomplete":
        connection = thread.connection(options)
        self._connections.identity.check()
        if not (
            self._completeness.is_settled(options.tables)
            or self._completeness.look(connection, options)
        ):
            return _Incomplete()
        tx = SQLiteTransaction(connection, statements_for(options.tables), result.is_wanted)
        try:
            found = self._seen(connection, options, tx, work, after)
        except sqlite3.DatabaseError:
            if _is_current(connection):
                raise
        else:
            if _is_current(connection):
                return found
        thread.discard()
        raise busy("another program wrote to the file, which is read without a lock")

    def _seen(
        self,
        connection: sqlite3.Connection,
        options: StorageOptions,
        tx: SQLiteTransaction,
        work: Callable[[SQLiteTransaction], T],
        after: Change | None,
    ) -> T:
        if after is None and self._completeness.has(options.tables):
            return in_transaction("BEGIN", connection, lambda: work(tx))

        def imagine() -> T:
            schema = self._completeness.schema(options)
            if after is None:
                schema.shadow(connection)
            else:
                schema.set_aside_rows(connection, after.session_id)
                after.make(tx)
            return work(tx)

        return in_transaction("BEGIN", connection, imagine, end="ROLLBACK")

    def _commit(self, thread: ConnectionThread, writes: list[Write[Any]], begun: float) -> int:
        options = writes[0].options
        try:
            if not self._is_wal:
                self._retry(
                    options, writes, lambda: self._ensure_wal(thread.connection(options)), begun
                )
            return self._retry(
                options,
                writes,
                lambda: self._change(thread, options, lambda tx: do_together(writes, tx)),
                begun,
            )
        finally:
            if thread.is_in_transaction():
                # Even the rollback failed: the next write opens a new connection.
                thread.discard()

    def _change(
        self,
        thread: ConnectionThread,
        options: StorageOptions,
        work: Callable[[SQLiteTransaction], T],
    ) -> T:
        connection, statements = thread.connection(options), statements_for(options.tables)
        cookie = 0

        def change() -> T:
            nonlocal cookie
            cookie = self._completeness.ensure(connection, options)
            result = work(SQLiteTransaction(connection, statements))
            self._connections.identity.check()
            return result

        result = in_transaction("BEGIN IMMEDIATE", connection, change)
        self._completeness.note(options.tables, cookie)
        return result

    def _vacuum(
        self,
        connection: sqlite3.Connection,
        options: StorageOptions,
        result: PendingResult[int],
    ) -> int:
        statements = statements_for(options.tables)

        def size() -> int:
            return int(connection.execute(statements["page_bytes"]).fetchone()[0])

        self._connections.identity.check()
        before = size()
        if not result.begin():
            raise Withdrawn
        # The file is written a second time, which may be too much for memory.
        connection.execute("PRAGMA temp_store = DEFAULT")
        try:
            connection.execute(statements["vacuum"])
        finally:
            connection.execute("PRAGMA temp_store = MEMORY")
        # The file shrinks now, or as soon as no process reads the log any more.
        connection.execute(statements["empty_log"]).fetchall()
        return before - size()

    def _note_completeness(
        self, thread: ConnectionThread, options: StorageOptions, result: PendingResult[Any]
    ) -> bool:
        return self._retry(
            options, [result], lambda: self._completeness.look(thread.connection(options), options)
        )

    def _complete_tables(
        self, thread: ConnectionThread, options: StorageOptions, result: PendingResult[Any]
    ) -> None:
        """Create what a file lacks, before a read; a complete file is not written to.

        A cancelled caller does not wait for the end of this, which does no harm.
        """
        if self._note_completeness(thread, options, result):
            return

        def create() -> None:
            connection = thread.connection(options)
            self._completeness.schema(options).check_writable(connection)
            self._ensure_wal(connection)
            self._change(thread, options, lambda _: None)

        self._retry(options, [result], create)

    def _ensure_wal(self, connection: sqlite3.Connection) -> None:
        if not self._is_wal:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            self._is_wal = True

    def _retry(
        self,
        options: StorageOptions,
        results: Sequence[PendingResult[Any]],
        attempt: Callable[[], T],
        begun: float | None = None,
    ) -> T:
        """Retry while there is time and at least one task waits for a result."""

        def is_any_wanted() -> bool:
            return any(result.is_wanted() for result in results)

        is_wanted = results[0].is_wanted if len(results) == 1 else is_any_wanted

        try:
            return retry_while_busy(
                self.path, options.lock_timeout, attempt, begun=begun, is_wanted=is_wanted
            )
        except DamagedDatabaseError:
            # It may have lost a table: check again before the next transaction.
            self._completeness.forget(options.tables)
            raise


def _is_current(connection: sqlite3.Connection) -> bool:
    return not isinstance(connection, FrozenConnection) or connection.is_current()
