"""A database file as convo works on it: reads on one connection, writes on another.

Write-ahead logging lets the one read while the other, or another process, writes. A database in
memory has a single connection for both.
"""

import random
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from convo.errors import DatabaseError, SessionClosedError
from convo.faults import is_busy, translated
from convo.link import Link
from convo.opening import IN_MEMORY, FrozenConnection, open_to_read, open_to_write
from convo.schema import Schema
from convo.statements import Statements
from convo.transaction import Transaction

T = TypeVar("T")

LOCK_TIMEOUT = 30.0
"""Seconds that an operation waits for a lock that another process holds."""

_OPENING_TIMEOUT = 5.0
"""Seconds that opening waits for another connection to finish closing."""

_UPGRADE_TIMEOUT = 1.0
"""Seconds that a first read waits to complete the tables before it reads without."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.001, 0.05

Purpose = Literal["reads", "writes"]


@dataclass(frozen=True, slots=True)
class Access:
    """How a session or store wants its database: which tables, made or not, how patiently."""

    statements: Statements
    create: bool
    lock_timeout: float = LOCK_TIMEOUT


class Database:
    """One file, or one database in memory, on a pair of links that are opened when needed."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._links: dict[Purpose, Link] = {}
        self._links_guard = threading.Lock()
        self._complete: set[Statements] = set()
        self._shadowed: set[Statements] = set()
        self._may_create = False
        self._is_wal = False
        self._is_shut = False

    async def read(self, access: Access, work: Callable[[Transaction], T]) -> T:
        """Run `work` on one consistent snapshot; it may run more than once.

        Raises a `DatabaseError` that says what is wrong with the file.
        """
        await self._make_readable(access)
        link = self._link("reads")

        def job(connection: sqlite3.Connection) -> T:
            try:
                return self._patiently(
                    access.lock_timeout,
                    lambda: _inside("BEGIN", connection, access.statements, work),
                )
            finally:
                if isinstance(connection, FrozenConnection):
                    link.discard()

        return await link.run(job)

    async def read_aside(
        self,
        access: Access,
        session_id: str | None,
        prepare: Callable[[Transaction], None],
        work: Callable[[Transaction], T],
    ) -> T:
        """As `read`, after `prepare` has changed what it had to, which is given up afterwards.

        For files that cannot be written: the changes are made to copies, of one session or all.
        """
        await self._make_readable(access)
        link = self._link("reads")

        def attempt(connection: sqlite3.Connection) -> T:
            connection.execute("BEGIN")
            try:
                Schema(access.statements, self.path).set_aside(connection, session_id)
                tx = Transaction(connection, access.statements)
                prepare(tx)
                return work(tx)
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

        def job(connection: sqlite3.Connection) -> T:
            try:
                return self._patiently(access.lock_timeout, lambda: attempt(connection))
            finally:
                if connection.in_transaction or isinstance(connection, FrozenConnection):
                    link.discard()

        return await link.run(job)

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
        self._may_create |= access.create
        link = self._link("writes")

        def job(connection: sqlite3.Connection) -> T:
            try:
                self._patiently(access.lock_timeout, lambda: self._ensure_wal(connection))
                self._complete_tables(connection, access)
                return self._patiently(
                    access.lock_timeout,
                    lambda: _inside("BEGIN IMMEDIATE", connection, access.statements, work),
                )
            finally:
                if connection.in_transaction:
                    # Not even the rollback went through: the next write opens a new connection.
                    link.discard()

        return await link.run(job, then)

    def links(self) -> list[Link]:
        """Take both links out of use and return them, to be closed by the caller."""
        with self._links_guard:
            self._is_shut = True
            links = list(self._links.values())
            self._links.clear()
            return links

    async def _make_readable(self, access: Access) -> None:
        if access.statements in self._shadowed:
            await self._link("reads").run(
                lambda connection: self._note_completeness(connection, access)
            )
        if access.statements in self._complete:
            if self._shadowed:
                # The tables have come since: stop reading temporary ones in their place.
                self._shadowed.clear()
                reader = self._link("reads")
                await reader.run(lambda _: reader.discard())
            return
        if access.statements in self._shadowed:
            return
        if self._is_there() and await self._link("reads").run(
            lambda connection: self._note_completeness(connection, access)
        ):
            return
        self._may_create |= access.create
        try:
            await self._link("writes").run(
                lambda connection: self._complete_tables(connection, access, _UPGRADE_TIMEOUT)
            )
        except DatabaseError:
            if not self._is_there():
                raise
            await self._link("reads").run(lambda connection: self._shadow(connection, access))

    def _note_completeness(self, connection: sqlite3.Connection, access: Access) -> bool:
        def look() -> bool:
            schema = Schema(access.statements, self.path)
            schema.check_usable(connection, create=access.create)
            return schema.is_complete(connection)

        if complete := self._patiently(access.lock_timeout, look):
            self._complete.add(access.statements)
        return complete

    def _complete_tables(
        self, connection: sqlite3.Connection, access: Access, timeout: float | None = None
    ) -> None:
        if access.statements in self._complete or self._note_completeness(connection, access):
            return
        wait = access.lock_timeout if timeout is None else min(timeout, access.lock_timeout)

        def create() -> None:
            self._ensure_wal(connection)
            schema = Schema(access.statements, self.path)
            _inside(
                "BEGIN IMMEDIATE",
                connection,
                access.statements,
                lambda _: schema.create(connection),
            )

        self._patiently(wait, create)
        self._complete.add(access.statements)

    def _ensure_wal(self, connection: sqlite3.Connection) -> None:
        if not self._is_wal:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            self._is_wal = True

    def _shadow(self, connection: sqlite3.Connection, access: Access) -> None:
        self._patiently(
            access.lock_timeout,
            lambda: Schema(access.statements, self.path).shadow(connection),
        )
        self._shadowed.add(access.statements)

    def _patiently(self, timeout: float, attempt: Callable[[], T]) -> T:
        """Try until no other connection is in the way or the time is up; then say what is wrong."""
        deadline = time.monotonic() + timeout
        pause = _FIRST_PAUSE
        while True:
            try:
                return attempt()
            except sqlite3.Error as error:
                if not is_busy(error) or time.monotonic() >= deadline:
                    raise translated(error, self.path, timeout) or error from error
            # The jitter keeps waiting processes from meeting again and again.
            time.sleep(pause * random.uniform(0.5, 1.5))
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _link(self, purpose: Purpose) -> Link:
        if self.path == IN_MEMORY:
            purpose = "writes"
        with self._links_guard:
            if self._is_shut:
                raise SessionClosedError(f"the database {self.path} has been closed meanwhile")
            link = self._links.get(purpose)
            if link is None:
                link = self._links[purpose] = Link(lambda: self._open(purpose))
            return link

    def _open(self, purpose: Purpose) -> sqlite3.Connection:
        if purpose == "reads":
            connection = self._patiently(_OPENING_TIMEOUT, lambda: open_to_read(self.path))
            for statements in self._shadowed:
                Schema(statements, self.path).shadow(connection)
            return connection
        return self._patiently(
            _OPENING_TIMEOUT, lambda: open_to_write(self.path, create=self._may_create)
        )

    def _is_there(self) -> bool:
        return self.path != IN_MEMORY and Path(self.path).exists()


def _inside(
    begin: Literal["BEGIN", "BEGIN IMMEDIATE"],
    connection: sqlite3.Connection,
    statements: Statements,
    work: Callable[[Transaction], T],
) -> T:
    connection.execute(begin)
    try:
        result = work(Transaction(connection, statements))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result
