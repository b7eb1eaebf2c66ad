"""Run a transaction, and repeat it if that can help: never one that may have been stored."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from convo.errors import DatabaseUnavailableError
from convo.postgres.connection import ServerConnection, loaded
from convo.postgres.errors import Trouble, refused, translated, trouble
from convo.postgres.pool import Seat
from convo.storage.pending_result import Withdrawn

T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 0.02, 1.0


class Attempts:
    """The attempts of one piece of work, until its time is up."""

    def __init__(
        self, seat: Seat, timeout: float, begun: float, is_wanted: Callable[[], bool]
    ) -> None:
        self._seat = seat
        self._timeout = timeout
        self._deadline = begun + timeout
        self._is_wanted = is_wanted
        self._pause = FIRST_PAUSE

    @property
    def remaining(self) -> float:
        """The seconds that are left, at least one millisecond."""
        return max(0.001, self._deadline - time.monotonic())

    def run(self, attempt: Callable[[ServerConnection], T]) -> T:
        """The result of the first attempt that succeeds."""
        driver = loaded()
        while True:
            try:
                connection = self.connect()
                return attempt(connection)
            except driver.Error as error:
                self._seat.settle()
                if trouble(error) is Trouble.LASTING or not self.pause():
                    raise translated(error, self._seat.pool.address, self._timeout) from error
            except BaseException:
                self._seat.settle()
                raise

    def connect(self) -> ServerConnection:
        """A connection, for which a server that is starting, or has been there, is waited for."""
        driver = loaded()
        while True:
            had_connected = self._seat.pool.has_connected
            try:
                return self._seat.connection(self.remaining)
            except driver.Error as error:
                kind = trouble(error)
                may_come = kind is Trouble.AWAY or (kind is Trouble.GONE and had_connected)
                if not may_come or not self.pause():
                    raise refused(error, self._seat.pool.address) from error

    def pause(self) -> bool:
        """Wait before another attempt; False if there is no time for one."""
        if not self._is_wanted():
            raise Withdrawn
        if time.monotonic() + self._pause >= self._deadline:
            return False
        # The jitter keeps waiting processes from colliding again and again.
        time.sleep(self._pause * random.uniform(0.5, 1.5))
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        return True


def unknown_outcome(address: object) -> DatabaseUnavailableError:
    """The error for a write whose end the server cannot tell."""
    return DatabaseUnavailableError(
        f"the database {address} has gone away while it stored this, and cannot say whether it did",
        hint="look at the session before you repeat it",
    )
