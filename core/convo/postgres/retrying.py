"""Run a transaction, and repeat it if that can help: never one that may have been stored."""

import random
import time
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from convo.errors import DatabaseUnavailableError
from convo.postgres.connection import ServerConnection, loaded
from convo.postgres.dialect import PostgresStatements
from convo.postgres.errors import (
    Trouble,
    is_read_only,
    is_taken,
    is_unknown_transaction,
    lacks_tables,
    refused,
    translated,
    trouble,
    trouble_connecting,
)
from convo.postgres.opening import LAST_WRITES, KnownAs
from convo.postgres.pool import Pool
from convo.postgres.preparing import is_obsolete
from convo.postgres.seat import Seat
from convo.storage.pending_result import Withdrawn
from convo.storage.statements import Tables

T = TypeVar("T")

_SEVERAL = 2

_MOST_RACES = 3
"""How often another writer is believed to have inserted the same key a moment before."""

FIRST_PAUSE, LONGEST_PAUSE = 0.02, 1.0


class _Commit(NamedTuple):
    """A transaction whose COMMIT has been sent, and the result of its work."""

    statements: PostgresStatements
    known_as: KnownAs | None
    result: Any


class Attempts:
    """The attempts of one piece of work, until its time is up."""

    def __init__(
        self,
        pool: Pool,
        seat: Seat,
        timeout: float,
        begun: float,
        is_wanted: Callable[[], bool],
    ) -> None:
        self._pool = pool
        self._seat = seat
        self._timeout = timeout
        self._deadline = begun + timeout
        self._is_wanted = is_wanted
        self._pause = FIRST_PAUSE
        self._commit: _Commit | None = None
        self._has_looked_again = False
        self._has_prepared_again = False
        self._has_moved = False
        self._is_unknown = False
        self._raced = 0

    @property
    def remaining(self) -> float:
        """The seconds that are left, at least one millisecond."""
        return max(0.001, self._deadline - time.monotonic())

    @property
    def settled(self) -> dict[tuple[str | None, Tables], PostgresStatements]:
        """The statements for the schemas and tables that are known to be complete."""
        return self._pool.settled

    @property
    def may_have_committed(self) -> bool:
        """Whether the last attempt failed when COMMIT had been sent, without a known end."""
        return self._is_unknown

    def committing(
        self, statements: PostgresStatements, known_as: KnownAs | None, result: object
    ) -> None:
        """Note that COMMIT is about to be sent, after work with this result."""
        self._commit = _Commit(statements, known_as, result)

    def run(self, attempt: Callable[[ServerConnection], T]) -> T:
        """The result of the first attempt that succeeds."""
        driver = loaded()
        while True:
            self._commit = None
            try:
                return attempt(self.connect())
            except driver.Error as error:
                self._seat.settle()
                kind = trouble(error)
                if kind is Trouble.GONE and self._is_committed():
                    result: T = self._result()
                    return result
                if lacks_tables(error) and not self._has_looked_again:
                    # They may have been dropped since they were looked at.
                    self._has_looked_again = True
                    self.settled.clear()
                    continue
                if is_obsolete(error) and not self._has_prepared_again:
                    self._has_prepared_again = True
                    continue
                if is_read_only(error) and self._may_be_elsewhere():
                    continue
                if is_taken(error) and self._raced < _MOST_RACES:
                    self._raced += 1
                    kind = Trouble.AGAIN
                if kind is Trouble.LASTING or not self.pause():
                    raise translated(error, self._pool.address, self._timeout) from error
            except BaseException:
                self._seat.settle()
                raise

    def connect(self) -> ServerConnection:
        """A connection, for which a server that is starting, or has been there, is waited for."""
        driver = loaded()
        while True:
            had_connected = self._pool.has_connected
            try:
                return self._seat.connection(self.remaining)
            except driver.Error as error:
                kind = trouble_connecting(error)
                may_come = kind is Trouble.AWAY or (kind is Trouble.GONE and had_connected)
                if not may_come or not self.pause():
                    raise refused(error, self._pool.address) from error

    def pause(self) -> bool:
        """Wait before another attempt; False if there is no time for one."""
        # Whether a transaction was committed has to be found out for a cancelled caller, too.
        if self._commit is None and not self._is_wanted():
            raise Withdrawn
        if time.monotonic() + self._pause >= self._deadline:
            return False
        # The jitter keeps waiting processes from colliding again and again.
        time.sleep(self._pause * random.uniform(0.5, 1.5))
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        return True

    def _may_be_elsewhere(self) -> bool:
        """Whether another of several servers may take writes; the next attempt looks for it."""
        if self._has_moved or len(self._pool.address.hosts) < _SEVERAL:
            return False
        self._has_moved = True
        self._seat.discard()
        return True

    def _result(self) -> Any:
        assert self._commit is not None
        return self._commit.result

    def _is_committed(self) -> bool:
        """Whether the transaction has been committed: if COMMIT was sent, only the server knows.

        Raises `DatabaseUnavailableError` if it cannot say so.
        """
        if self._commit is None:
            return False
        fate = self._fate(self._commit)
        # While it is still running, its connection is lost, and its end near.
        while fate == "in progress" and self.pause():
            fate = self._fate(self._commit)
        if fate in ("committed", "aborted"):
            return fate == "committed"
        self._is_unknown = True
        raise DatabaseUnavailableError(
            f"the database {self._pool.address} has gone away while this was stored, "
            "and cannot say whether it was",
            hint="look at the session before you repeat it",
        )

    def _fate(self, commit: _Commit) -> str | None:
        """What has become of a write; None if nobody can know."""
        if commit.known_as is None:
            return None
        driver = loaded()
        try:
            connection = self.connect()
            if self._is_running(connection, commit):
                return "in progress"
            query = commit.statements["last_writes"].filled(
                commit.known_as._asdict(), connection.quote
            )
            is_replica, writes, tokens = connection.send([query])[0].rows[0]
        except driver.Error as error:
            self._seat.settle()
            return "in progress" if trouble(error) is not Trouble.LASTING else None
        except DatabaseUnavailableError:
            return None
        if is_replica:
            # What it has not received yet may come, or never.
            return "in progress"
        if commit.known_as.token in (tokens or "").split():
            return "committed"
        return None if (writes or 0) - commit.known_as.before > LAST_WRITES else "aborted"

    def _is_running(self, connection: ServerConnection, commit: _Commit) -> bool:
        """Whether the transaction has not ended yet, on a connection that is lost."""
        driver = loaded()
        assert commit.known_as is not None
        query = commit.statements["transaction_status"].filled(
            commit.known_as._asdict(), connection.quote
        )
        try:
            return bool(connection.send([query])[0].rows[0][0] == "in progress")
        except driver.Error as error:
            # A server that has not given out the id, after a crash or a failover, runs no such one.
            if is_unknown_transaction(error):
                return False
            raise
