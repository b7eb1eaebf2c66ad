"""How a transaction begins: with a snapshot to read, or with the lock of the session to write."""

import math
import secrets
from typing import NamedTuple, Protocol

from convo.postgres.connection import Result, ServerConnection
from convo.postgres.dialect import PostgresStatements
from convo.postgres.errors import is_refused_by_rule
from convo.postgres.url import ServerAddress
from convo.storage.schema_version import VERSION, newer

LAST_WRITES = 20
"""So many writes to a session are remembered."""

TOKEN = 16
"""The length of what a write is called."""


_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class Opening(Protocol):
    """Sends statements, the first of them after those that begin the transaction."""

    is_sent: bool

    def send(self, connection: ServerConnection, statements: list[str]) -> list[Result]:
        """The results of the statements."""
        ...

    def noted(self, connection: ServerConnection) -> list[str]:
        """The statements that are sent with COMMIT."""
        ...


class KnownAs(NamedTuple):
    """How the fate of a write can be found out.

    That is by the id of its transaction, by what the write is called in the row `key` of the last
    writes, and by how many writes there were before it, at least.
    """

    id: str
    key: str
    token: str
    before: int


class AskedMore(Exception):
    """A transaction that has ended was asked for more: the work has to begin again in another."""


class ToRead:
    """A snapshot of the database, which all statements of the transaction see.

    With `may_end`, the transaction may end with its first message.
    """

    def __init__(self, *, may_end: bool) -> None:
        self.is_sent = False
        self._may_end = may_end
        self._ends = False

    def end_with_next(self) -> None:
        """Have the transaction end with the next message, if it may."""
        self._ends = self._may_end

    def send(self, connection: ServerConnection, statements: list[str]) -> list[Result]:
        """See `Opening`; raises `AskedMore` if the transaction has ended."""
        if self.is_sent:
            if self._ends:
                raise AskedMore
            return connection.send(statements)
        self.is_sent = True
        message = [_SNAPSHOT, *statements]
        if not self._ends:
            return connection.send(message)[1:]
        return connection.send([*message, "COMMIT"])[1:-1]

    def noted(self, connection: ServerConnection) -> list[str]:
        """See `Opening`."""
        return []


class ToWrite:
    """The lock of one session, which every writer of it takes first.

    All of the domain checks something and then acts on it, which is safe because a session has one
    writer at a time. Each statement sees what was committed before it, and so everything that the
    writer before has done.

    Without a session, what is outside any session has one writer at a time.
    """

    def __init__(
        self,
        statements: PostgresStatements,
        address: ServerAddress,
        session_id: str | None,
        patience: float,
    ) -> None:
        self.is_sent = False
        self.known_as: KnownAs | None = None
        """By what the server knows the write, once it has begun."""
        self._statements = statements
        self._address = address
        self._session_id = session_id
        # Unlike SET, this ends with the transaction, and a pooler need not know of it.
        milliseconds = math.ceil(patience * 1000)
        self._begin = [
            # A role or a database that is set to be read-only by default stays so.
            "BEGIN ISOLATION LEVEL READ COMMITTED",
            # What convo deletes is no matter for the triggers of `keeping.sql`.
            f"SELECT set_config('lock_timeout', '{milliseconds}', true), "
            "set_config('convo.deletes', 'itself', true)",
        ]

    def send(self, connection: ServerConnection, statements: list[str]) -> list[Result]:
        """See `Opening`."""
        if self.is_sent:
            return connection.send(statements)
        rows, results = self._begun(connection, statements)
        self.is_sent = True
        for version, transaction_id, before in rows:
            self.known_as = KnownAs(
                transaction_id, self._session_id or "", secrets.token_hex(TOKEN // 2), before
            )
            if version is not None and version > VERSION:
                found = connection.send([self._filled(connection, "release_present")])[0].rows
                raise newer(self._address, version, found[0][0] if found else None)
        return results

    def _begun(
        self, connection: ServerConnection, statements: list[str]
    ) -> tuple[list[tuple[int | None, str, int]], list[Result]]:
        """What the lock returned, and the results of the statements."""
        if self._session_id is None:
            lock = self._filled(connection, "begin_outside_sessions")
            results = connection.send([*self._begin, lock, *statements])
            return results[2].rows, results[3:]
        lock = self._filled(connection, "lock_session")
        try:
            results = connection.send([*self._begin, lock, *statements])
            if results[2].rows:
                return results[2].rows, results[3:]
        except Exception as error:
            # Without the lock, another writer may have been in the way.
            if not is_refused_by_rule(error):
                raise
        # There is no such session. Its place in the index is locked by inserting it; whether there
        # is to be one is for the work to decide.
        make = self._filled(connection, "lock_new_session")
        unmake = self._filled(connection, "unmake_new_session")
        results = connection.send(["ROLLBACK", *self._begin, make, lock, unmake, *statements])
        return results[4].rows, results[6:]

    def noted(self, connection: ServerConnection) -> list[str]:
        """The statement that notes the write, which is sent with COMMIT."""
        if self.known_as is None:
            return []
        values = {**self.known_as._asdict(), "length": LAST_WRITES * (TOKEN + 1)}
        return [self._statements["note_write"].filled(values, connection.quote)]

    def _filled(self, connection: ServerConnection, name: str) -> str:
        values = {"session_id": self._session_id}
        return self._statements[name].filled(values, connection.quote)
