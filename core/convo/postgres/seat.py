"""The place of one connection in a pool: opened when needed, and closed when it is of no use."""

import threading
from collections.abc import Callable

from convo.postgres import cancelling
from convo.postgres.connection import ServerConnection
from convo.postgres.url import ServerAddress
from convo.storage.forking import gate


class Seat:
    """The place of one connection, which is opened when work needs it."""

    def __init__(self, address: ServerAddress, note_connected: Callable[[], None]) -> None:
        self._address = address
        self._note_connected = note_connected
        self._connection: ServerConnection | None = None
        self._guard = threading.Lock()
        self._task: object = None
        self._is_interrupted = False

    def begin(self, task: object) -> None:
        """Note the work that begins on the connection."""
        with self._guard:
            self._task = task

    def end(self) -> None:
        """Note that the work is done."""
        with self._guard:
            self._task = None
        self.leave_interrupted()

    def leave_interrupted(self) -> None:
        """Close the connection if a statement on it was to be aborted.

        The request may arrive later, and would abort another statement.
        """
        with self._guard:
            is_interrupted, self._is_interrupted = self._is_interrupted, False
        if is_interrupted:
            self.discard()

    def interrupt(self, task: object) -> None:
        """Abort the statement of some work, but not that of other work; called on any thread."""
        with self._guard:
            if self._task is not task or self._connection is None or self._is_interrupted:
                return
            self._is_interrupted = True
            cancelling.request(self._connection.cancellation())

    def connection(self, timeout: float) -> ServerConnection:
        """The connection, opened if necessary; raises psycopg's errors."""
        if self._connection is not None and self._connection.is_broken:
            self.discard()
        if self._connection is None:
            # libpq and what it uses hold locks while they connect.
            with gate.working():
                opened = ServerConnection(self._address, timeout)
            with self._guard:
                self._connection = opened
            self._note_connected()
        return self._connection

    def settle(self) -> None:
        """End a transaction that failed; close the connection if even that fails."""
        connection = self._connection
        if connection is None or connection.is_broken:
            self.discard()
        elif connection.is_in_transaction:
            try:
                connection.send(["ROLLBACK"])
            except Exception:  # noqa: BLE001 - whatever it is, the connection is of no use
                self.discard()

    @property
    def is_reading(self) -> bool:
        """Whether the transaction of a read has yet to end."""
        return self._connection is not None and self._connection.is_in_transaction

    def end_reading(self) -> None:
        """End the transaction of a read, whose result has been handed over already."""
        connection = self._connection
        if connection is not None and connection.is_in_transaction:
            try:
                connection.send(["COMMIT"])
            except Exception:  # noqa: BLE001 - it was only read: the next use connects again
                self.discard()

    def discard(self) -> None:
        """Close the connection; the next use opens another one."""
        with self._guard:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
