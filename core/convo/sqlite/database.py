"""A database file as convo works on it: reads on one connection, writes on another.

Write-ahead logging lets the one read while the other, or another process, writes. A database in
memory has a single connection for both.
"""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from convo.errors import DamagedDatabaseError, DatabaseError
from convo.sqlite.connect import FrozenConnection
from convo.sqlite.connection import Link
from convo.sqlite.connections import Links
from convo.sqlite.errors import busy
from convo.sqlite.group_commit import Commits, Write, do_together
from convo.sqlite.pending_result import Job, Withdrawn
from convo.sqlite.retrying import inside, patiently
from convo.sqlite.schema import Schema
from convo.storage.statements import Statements
from convo.storage.storage import Access, Change
from convo.storage.transaction import Transaction

T = TypeVar("T")

_UPGRADE_TIMEOUT = 1.0
"""Seconds that a first read waits to complete the tables before it reads without."""


class Database:
    """One file, or one database in memory, on a pair of links that are opened when needed."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._links = Links(path)
        self._complete: dict[Statements, int] = {}
        """For which tables the file is known to be complete, and its schema's number then."""
        self._unmendable: set[Statements] = set()
        self._commits = Commits(self._commit)
        self._is_wal = False

    async def read(
        self,
        access: Access,
        work: Callable[[Transaction], T],
        *,
        after: Change | None = None,
    ) -> T:
        """Run `work` on one consistent snapshot; it may run more than once.

        With `after`, the snapshot is seen as it would be after that change, which is made in
        temporary copies and kept nowhere: for files that cannot be written. Raises a
        `DatabaseError` that says what is wrong with the file.
        """
        self._links.prepare(page_cache=access.page_cache)
        await self._make_readable(access)
        link = self._links.of("reads")
        return await link.read(
            lambda job: self._patiently(
                access, [job], lambda: self._look(link, access, job, work, after)
            )
        )

    async def write(
        self,
        access: Access,
        work: Callable[[Transaction], T],
        *,
        then: Callable[[T], None] | None = None,
    ) -> T:
        """Run `work` in a transaction that holds the write lock from its start.

        When this returns, the transaction is on the disk; when it raises a `DatabaseError`,
        nothing of it is. A `CancelledError` is raised only once the transaction is over, one way
        or the other; `then` has been given the result if it went through.
        """
        self._links.prepare(page_cache=access.page_cache, create=access.create)
        return await self._commits.join(self._links.of("writes"), Write(access, work, then))

    async def shrink(self, access: Access) -> int:
        """Rebuild the file without the space that it does not need; return the bytes saved.

        Readers go on reading; writers are waited for. Raises a
        `DatabaseError`; the file is whole all the same.
        """
        link = self._links.of("writes")

        def rebuild(job: Job[int]) -> int:
            self._patiently(access, [job], lambda: self._ensure_wal(link.connection()))
            self._patiently(access, [job], lambda: self._change(link, access, lambda _: None))
            return self._patiently(
                access, [job], lambda: self._vacuum(link.connection(), access, job)
            )

        return await link.call(rebuild)

    def links(self) -> list[Link]:
        """Take both links out of use and return them, to be closed by the caller."""
        return self._links.shut()

    def is_inherited(self) -> bool:
        """Whether this is a copy in a forked process: what is open belongs to the parent."""
        return self._links.is_inherited()

    def is_lost(self) -> bool:
        """Whether the file has been deleted or replaced since it was opened."""
        return self._links.place.is_lost()

    async def _make_readable(self, access: Access) -> None:
        if access.statements in self._complete or access.statements in self._unmendable:
            return
        if self._links.is_there():
            reads = self._links.of("reads")
            if await reads.read(lambda job: self._note_completeness(reads, access, job)):
                return
        self._links.prepare(page_cache=access.page_cache, create=access.create)
        writes = self._links.of("writes")
        try:
            patience = min(access.lock_timeout, _UPGRADE_TIMEOUT)
            hasty = access._replace(lock_timeout=patience)
            await writes.call(lambda job: self._complete_tables(writes, hasty, job))
        except DatabaseError:
            if not self._links.is_there():
                raise
            # What is missing is made up at each read, until a write has made it.
            self._unmendable.add(access.statements)

    def _look(
        self,
        link: Link,
        access: Access,
        job: Job[T],
        work: Callable[[Transaction], T],
        after: Change | None,
    ) -> T:
        connection = link.connection()
        self._links.place.check()
        tx = Transaction(connection, access.statements, job.is_wanted)
        try:
            result = self._seen(connection, access, tx, work, after)
        except sqlite3.DatabaseError:
            if _is_current(connection):
                raise
        else:
            if _is_current(connection):
                return result
        link.discard()
        raise busy("somebody wrote to the file, which is read without a lock")

    def _seen(
        self,
        connection: sqlite3.Connection,
        access: Access,
        tx: Transaction,
        work: Callable[[Transaction], T],
        after: Change | None,
    ) -> T:
        if after is None and access.statements in self._complete:
            return inside("BEGIN", connection, lambda: work(tx))

        def imagine() -> T:
            schema = Schema(access.statements, self.path)
            if after is None:
                schema.shadow(connection)
            else:
                schema.set_aside(connection, after.session_id)
                after.make(tx)
            return work(tx)

        return inside("BEGIN", connection, imagine, end="ROLLBACK")

    def _commit(self, link: Link, writes: list[Write[Any]], begun: float) -> int:
        access = writes[0].access
        try:
            if not self._is_wal:
                self._patiently(access, writes, lambda: self._ensure_wal(link.connection()), begun)
            return self._patiently(
                access,
                writes,
                lambda: self._change(link, access, lambda tx: do_together(writes, tx)),
                begun,
            )
        finally:
            if link.is_in_transaction():
                # Not even the rollback went through: the next write opens a new connection.
                link.discard()

    def _change(self, link: Link, access: Access, work: Callable[[Transaction], T]) -> T:
        connection = link.connection()
        cookie = 0

        def change() -> T:
            nonlocal cookie
            self._complete_within(connection, access)
            result = work(Transaction(connection, access.statements))
            self._links.place.check()
            cookie = _cookie(connection, access.statements)
            return result

        result = inside("BEGIN IMMEDIATE", connection, change)
        self._complete[access.statements] = cookie
        return result

    def _complete_within(self, connection: sqlite3.Connection, access: Access) -> None:
        """Create what the file lacks, in the transaction of a write, unless that was seen to.

        The schema may have been changed since by another release of convo: it is looked at again
        whenever its number is another one.
        """
        noted = self._complete.get(access.statements)
        if noted is not None and noted == _cookie(connection, access.statements):
            return
        schema = Schema(access.statements, self.path)
        schema.check_usable(connection, create=access.create)
        schema.create(connection)

    def _vacuum(self, connection: sqlite3.Connection, access: Access, job: Job[int]) -> int:
        def size() -> int:
            return int(connection.execute(access.statements["page_bytes"]).fetchone()[0])

        self._links.place.check()
        before = size()
        if not job.begin():
            raise Withdrawn
        connection.execute(access.statements["vacuum"])
        # The file itself shrinks now, or as soon as nobody reads the log any more.
        connection.execute(access.statements["empty_log"]).fetchall()
        return before - size()

    def _note_completeness(self, link: Link, access: Access, job: Job[Any]) -> bool:
        def look() -> bool:
            connection = link.connection()
            schema = Schema(access.statements, self.path)
            schema.check_usable(connection, create=access.create)
            if schema.is_complete(connection):
                self._complete[access.statements] = _cookie(connection, access.statements)
                return True
            return False

        return self._patiently(access, [job], look)

    def _complete_tables(self, link: Link, access: Access, job: Job[Any]) -> None:
        """Create what a file lacks, for a read; nothing is written to one that lacks nothing.

        A caller that is cancelled need not wait for the end of that: it harms nobody.
        """
        if self._note_completeness(link, access, job):
            return

        def create() -> None:
            connection = link.connection()
            Schema(access.statements, self.path).check_writable(connection)
            self._ensure_wal(connection)
            self._change(link, access, lambda _: None)

        self._patiently(access, [job], create)

    def _ensure_wal(self, connection: sqlite3.Connection) -> None:
        if not self._is_wal:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            self._is_wal = True

    def _patiently(
        self,
        access: Access,
        jobs: Sequence[Job[Any]],
        attempt: Callable[[], T],
        begun: float | None = None,
    ) -> T:
        """Try for as long as there is time and at least one task waits for its job."""

        def is_wanted() -> bool:
            return any(job.is_wanted() for job in jobs)

        try:
            return patiently(
                self.path, access.lock_timeout, attempt, begun=begun, is_wanted=is_wanted
            )
        except DamagedDatabaseError:
            # It may have lost a table: look again before the next transaction.
            self._complete.pop(access.statements, None)
            raise


def _is_current(connection: sqlite3.Connection) -> bool:
    return not isinstance(connection, FrozenConnection) or connection.is_current()


def _cookie(connection: sqlite3.Connection, statements: Statements) -> int:
    """A number that changes with every change of the file's schema."""
    return int(connection.execute(statements["schema_cookie"]).fetchone()[0])
