"""The `Storage` of a session or a store in a database on a PostgreSQL server."""

import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, TypeVar

from convo.errors import DatabaseError, SessionClosedError
from convo.postgres.adopting import Collecting, WithRows
from convo.postgres.connection import ServerConnection
from convo.postgres.dialect import PostgresStatements
from convo.postgres.full_text import WordsIndex
from convo.postgres.opening import AskedMore, ToRead
from convo.postgres.pool import Pool, Task
from convo.postgres.pools import pool_for
from convo.postgres.retrying import Attempts
from convo.postgres.seat import Seat
from convo.postgres.settling import settled
from convo.postgres.transaction import PostgresTransaction
from convo.postgres.url import ServerAddress
from convo.postgres.writing import Write, Writer
from convo.storage.pending_result import PendingResult
from convo.storage.search_index import Contents, SearchIndex
from convo.storage.storage import CatchUp, StorageOptions
from convo.storage.transaction import Transaction

T = TypeVar("T")


class _Behind(NamedTuple):
    """The sessions that have to be caught up first."""

    names: list[str]


_CATCH_UP_PATIENCE = 1.0
"""Seconds that a read waits for a lock to store what it has caught up."""


class PostgresStorage:
    """A `Storage` in a database on a server; nothing is sent before it is first used."""

    def __init__(self, address: ServerAddress, options: StorageOptions, catch_up: CatchUp) -> None:
        self.address = address
        self.options = options
        self._catch_up = catch_up
        self._is_closed = False

    async def read(
        self,
        session_id: str | None,
        work: Callable[[Transaction], T],
        ahead: Callable[[Transaction], bool] | None = None,
    ) -> T:
        """See `Storage`."""
        behind, catch_up = self._catch_up

        def look(tx: PostgresTransaction, opening: ToRead) -> "T | _Behind":
            if ahead is not None and ahead(tx):
                opening.end_with_next()
            names = behind(tx, session_id)
            return _Behind(names) if names else work(tx)

        found = await self._look(lambda tx, _, opening: look(tx, opening))
        if not isinstance(found, _Behind):
            return found
        try:
            for name in found.names:
                # Each under its own lock.
                store = partial(_in_turn, catch_up, name)
                await self.write(name, store, patience=_CATCH_UP_PATIENCE)
        except DatabaseError:
            # Reading must work even without write access: catch up for this read only.
            return await self._look(partial(self._adopted, session_id, work))
        return await self.look(work)

    async def look(self, work: Callable[[Transaction], T]) -> T:
        """See `Storage`."""
        return await self._look(lambda tx, *_: work(tx))

    def _adopted(
        self,
        session_id: str | None,
        work: Callable[[Transaction], T],
        tx: PostgresTransaction,
        statements: PostgresStatements,
        _: ToRead,
    ) -> T:
        behind, catch_up = self._catch_up
        collecting = Collecting(tx)
        for name in behind(collecting, session_id):
            catch_up(collecting, name)
        if not collecting.rows_added:
            return work(tx)
        return work(tx.of(WithRows(statements, collecting.rows_added, tx.quote)))

    async def _look(
        self, work: Callable[[PostgresTransaction, PostgresStatements, ToRead], T]
    ) -> T:
        begun, pool = time.monotonic(), self._pool()
        result: PendingResult[T] = PendingResult(None, lambda _: task.interrupt(), finishes=True)

        def run(seat: Seat, _: list[Task]) -> None:
            attempts = Attempts(pool, seat, self.options.lock_timeout, begun, result.is_wanted)

            def attempt(connection: ServerConnection) -> T:
                statements = settled(connection, self.address, self.options, attempts)

                def once(*, may_end: bool) -> T:
                    opening = ToRead(may_end=may_end)
                    tx = PostgresTransaction(connection, statements, opening, result.is_wanted)
                    return work(tx, statements, opening)

                # If it has not ended by itself, the end of the transaction is sent once the
                # result has been handed over.
                try:
                    return once(may_end=True)
                except AskedMore:
                    return once(may_end=False)

            result.succeed(attempts.run(attempt))

        task = Task(None, result, run)
        found: T = await pool.run(task, self.options.lock_timeout)
        return found

    async def write(
        self,
        session_id: str | None,
        work: Callable[[Transaction], T],
        *,
        then: Callable[[T], None] | None = None,
        patience: float | None = None,
    ) -> T:
        """See `Storage`; the row of the session is locked from the first statement on."""
        pool = self._pool()
        timeout = self.options.lock_timeout
        timeout = timeout if patience is None else min(timeout, patience)
        result: PendingResult[T] = PendingResult(then, lambda _: task.interrupt(), finishes=True)
        writer = Writer(pool, self.address, self.options, session_id)
        write = Write(work, result, timeout)

        def run(seat: Seat, others: list[Task]) -> None:
            writer.do(seat, [write, *(one.joined for one in others)])

        join = self.address.schema, self.options.tables, self.options.create
        task = Task(session_id, result, run, join, write)
        done: T = await pool.run(task, timeout)
        return done

    def index(self, contents: Contents) -> SearchIndex | None:
        """See `Storage`; prompts are found without an index, by the server."""
        return WordsIndex(contents) if contents.name == "convo_words" else None

    async def shrink(self) -> int:
        """See `Storage`: the server returns unused space by itself."""
        return 0

    async def close(self) -> None:
        """See `Storage`; the connections stay open for other sessions until they have been idle."""
        self._is_closed = True

    def _pool(self) -> Pool:
        if self._is_closed:
            raise SessionClosedError(f"the database {self.address} has been closed")
        return pool_for(self.address, self.options.pool_size)


def _in_turn(
    catch_up: Callable[[Transaction, str], object], session_id: str, tx: Transaction
) -> None:
    catch_up(tx, session_id)
