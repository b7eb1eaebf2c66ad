"""Writes to a session: each under its lock, and those that waited at once in one transaction.

A transaction takes several messages however little it writes. So the writes of this process that
wait for the same session share one. Each is still all or nothing: if one fails, the transaction is
rolled back, and each is done alone.
"""

import time
from collections.abc import Callable
from typing import Any

from convo.postgres.connection import ServerConnection
from convo.postgres.opening import ToWrite
from convo.postgres.pool import Pool
from convo.postgres.retrying import Attempts
from convo.postgres.seat import Seat
from convo.postgres.settling import settled
from convo.postgres.transaction import PostgresTransaction
from convo.postgres.url import ServerAddress
from convo.storage.pending_result import PendingResult, Withdrawn
from convo.storage.storage import StorageOptions
from convo.storage.transaction import Transaction

_Done = list[tuple["Write", Any]]


class Write:
    """A write that a task waits for, until a time of `time.monotonic`."""

    def __init__(
        self, work: Callable[[Transaction], Any], result: PendingResult[Any], timeout: float
    ) -> None:
        self.work = work
        self.result = result
        self.timeout = timeout
        self.begun = time.monotonic()


class Writer:
    """Does the writes to one session of a database."""

    def __init__(
        self, pool: Pool, address: ServerAddress, options: StorageOptions, session_id: str | None
    ) -> None:
        self._pool = pool
        self._address = address
        self._options = options
        self._session_id = session_id

    def do(self, seat: Seat, writes: list[Write]) -> None:
        """Do writes in one transaction if that is possible, and set the result of each."""
        attempts = self._attempts(seat, writes)
        try:
            done = attempts.run(lambda connection: self._once(connection, attempts, writes))
        except BaseException as error:  # noqa: BLE001 - raised in the waiting tasks
            if len(writes) == 1 or attempts.may_have_committed:
                for write in writes:
                    write.result.fail(error)
                return
            seat.leave_interrupted()
            for write in writes:
                self.do(seat, [write])
            return
        for write in writes:
            write.result.fail(Withdrawn())
        for write, result in done:
            write.result.succeed(result)

    def _attempts(self, seat: Seat, writes: list[Write]) -> Attempts:
        hasty = min(writes, key=lambda write: write.begun + write.timeout)

        def is_wanted() -> bool:
            return any(write.result.is_wanted() for write in writes)

        return Attempts(self._pool, seat, hasty.timeout, hasty.begun, is_wanted)

    def _once(self, connection: ServerConnection, attempts: Attempts, writes: list[Write]) -> _Done:
        statements = settled(connection, self._address, self._options, attempts)
        opening = ToWrite(statements, self._address, self._session_id, attempts.remaining)
        tx = PostgresTransaction(connection, statements, opening)
        first, *others = writes
        # Until the lock is there, nothing keeps a cancelled task from leaving.
        done: _Done = [(first, first.work(tx))]
        done += [(one, one.work(tx)) for one in others if one.result.begin()]

        def begin() -> None:
            if not first.result.begin():
                raise Withdrawn
            attempts.committing(statements, opening.known_as, done)

        tx.commit(begin)
        return done
