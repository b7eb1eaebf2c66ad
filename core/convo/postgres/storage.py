"""The `Storage` of a session or a store in a database on a PostgreSQL server."""

import math
import time
from collections.abc import Callable
from typing import TypeVar

from convo.errors import DatabaseError, SessionClosedError
from convo.postgres.connection import ServerConnection
from convo.postgres.dialect import PostgresStatements, statements_for
from convo.postgres.pool import Pool, Seat
from convo.postgres.pools import pool_for
from convo.postgres.retrying import Attempts
from convo.postgres.schema import Schema, is_race
from convo.postgres.transaction import PostgresTransaction
from convo.postgres.url import ServerAddress
from convo.storage.pending_result import PendingResult, Withdrawn
from convo.storage.schema_version import VERSION, newer
from convo.storage.search_index import Contents, SearchIndex
from convo.storage.statements import Tables
from convo.storage.storage import CatchUp, StorageOptions
from convo.storage.transaction import Transaction

T = TypeVar("T")

_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"

_WAIT = "SELECT set_config('lock_timeout', '{}', true)"
"""Unlike SET, it ends with the transaction, and a pooler need not know of it."""

_BEHIND = object()
_CATCH_UP_PATIENCE = 1.0
"""Seconds that a read waits for a lock to store what it has caught up."""


class PostgresStorage:
    """A `Storage` in a database on a server; nothing is sent before it is first used."""

    def __init__(self, address: ServerAddress, options: StorageOptions, catch_up: CatchUp) -> None:
        self.address = address
        self.options = options
        self._catch_up = catch_up
        self._is_closed = False
        self._statements: PostgresStatements | None = None

    async def read(self, session_id: str | None, work: Callable[[Transaction], T]) -> T:
        """See `Storage`."""
        is_behind, catch_up = self._catch_up

        def look(tx: Transaction) -> object:
            return _BEHIND if is_behind(tx, session_id) else work(tx)

        found = await self.look(look)
        if found is not _BEHIND:
            return found  # type: ignore[return-value]

        def change(tx: Transaction) -> None:
            catch_up(tx, session_id)

        await self.write(session_id, change, patience=_CATCH_UP_PATIENCE)
        return await self.look(work)

    async def look(self, work: Callable[[Transaction], T]) -> T:
        """See `Storage`."""
        begun = time.monotonic()

        def run(seat: Seat, result: PendingResult[T]) -> T:
            attempts = Attempts(seat, self.options.lock_timeout, begun, result.is_wanted)

            def attempt(connection: ServerConnection) -> T:
                statements = self._settled(connection, attempts)
                tx = PostgresTransaction(connection, statements, [_READ], result.is_wanted)
                found = work(tx)
                if connection.is_in_transaction:
                    tx.finish("COMMIT")
                return found

            return attempts.run(attempt)

        return await self._pool().run(None, run, self.options.lock_timeout)

    async def write(
        self,
        session_id: str | None,
        work: Callable[[Transaction], T],
        *,
        then: Callable[[T], None] | None = None,
        patience: float | None = None,
    ) -> T:
        """See `Storage`; the row of the session is locked from the first statement on."""
        begun = time.monotonic()
        timeout = self.options.lock_timeout
        timeout = timeout if patience is None else min(timeout, patience)

        def run(seat: Seat, result: PendingResult[T]) -> T:
            attempts = Attempts(seat, timeout, begun, result.is_wanted)

            def attempt(connection: ServerConnection) -> T:
                statements = self._settled(connection, attempts)
                if not result.begin():
                    raise Withdrawn
                wait = _WAIT.format(math.ceil(attempts.remaining * 1000))
                tx = PostgresTransaction(connection, statements, [_WRITE, wait])
                self._lock(tx, session_id)
                done = work(tx)
                tx.finish("COMMIT")
                return done

            return attempts.run(attempt)

        return await self._pool().run(session_id, run, timeout, then)

    def _lock(self, tx: PostgresTransaction, session_id: str | None) -> None:
        if session_id is None:
            found = tx.row("begin_outside_sessions")
        else:
            found = tx.row("lock_session", session_id=session_id)
            if found is None:
                tx.execute("lock_new_session", session_id=session_id)
                found = tx.row("lock_session", session_id=session_id)
                tx.execute("unmake_new_session", session_id=session_id)
        if found is not None and found[0] is not None and found[0] > VERSION:
            raise newer(self.address, found[0])

    def index(self, contents: Contents) -> SearchIndex | None:
        """See `Storage`."""
        return None

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

    def _settled(self, connection: ServerConnection, attempts: Attempts) -> PostgresStatements:
        """The statements for the schema, whose tables are known to be there."""
        if self._statements is not None:
            return self._statements
        known = _complete.get((self.address, self.options.tables))
        if known is None:
            known = self._look_at_schema(connection, attempts)
            _complete[self.address, self.options.tables] = known
        self._statements = known
        return known

    def _look_at_schema(
        self, connection: ServerConnection, attempts: Attempts
    ) -> PostgresStatements:
        wanted = connection.quote(self.address.schema)
        name = connection.send([f"SELECT coalesce({wanted}, current_schema())"])[0].rows[0][0]
        if name is None:
            raise DatabaseError(
                f"no schema of the database {self.address} is on the role's search path",
                hint="name one: ?schema=NAME at the end of the address",
            )
        statements = statements_for(self.options.tables, name)
        schema = Schema(statements, self.address)
        if not self.options.create:
            schema.require(connection)
            return statements
        while True:
            try:
                schema.create(connection)
            except Exception as error:
                if not is_race(error) or not attempts.pause():
                    raise
                connection.send(["ROLLBACK"])
            else:
                return statements


_complete: dict[tuple[ServerAddress, Tables], PostgresStatements] = {}
"""The databases whose tables are known to be there."""
