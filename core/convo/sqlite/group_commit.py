"""Writes that wait at the same time are committed together.

A commit waits for the disk, however little it writes. So what has come while one was under way
shares the next. Each write is still whole or not there, in the order in which they came: where one
fails, nothing of the shared transaction is kept, and the others are done again without it.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from convo.sqlite.connection import ConnectionThread
from convo.sqlite.pending_result import PendingResult, answer
from convo.sqlite.transaction import SQLiteTransaction
from convo.storage.storage import StorageOptions

T = TypeVar("T")

_MOST = 128
"""Writes in one transaction: so many at most are done again when one of them fails."""

_LONGEST = 0.02
"""Seconds after which a transaction takes no further write: other processes wait for its end."""


class Write(PendingResult[T]):
    """A transaction that somebody waits for."""

    __slots__ = ("options", "work")

    def __init__(
        self,
        options: StorageOptions,
        work: Callable[[SQLiteTransaction], T],
        then: Callable[[T], None] | None,
    ) -> None:
        super().__init__(then)
        self.options = options
        self.work = work

    def do(self, tx: SQLiteTransaction) -> None:
        """Do the work if the task still waits; it counts once the transaction is committed."""
        if self.begin():
            self.succeed(self.work(tx))


class SpoiledError(Exception):
    """One of several writes failed, and with it their transaction."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


def do_together(writes: list[Write[Any]], tx: SQLiteTransaction) -> int:
    """Do as many as there is time for in one transaction; return how many that were.

    Raises `SpoiledError` if one of several fails; the error of a single one is its own.
    """
    if len(writes) == 1:
        writes[0].do(tx)
        return 1
    end = time.monotonic() + _LONGEST
    for position, write in enumerate(writes):
        try:
            write.do(tx)
        except BaseException as error:
            raise SpoiledError(position) from error
        if time.monotonic() >= end:
            return position + 1
    return len(writes)


class GroupCommit:
    """The writes that wait for a connection.

    `commit` does the first of some writes in one transaction and returns how many they were; it
    is told since when, in the time of `time.monotonic`, they have been waiting for a lock.
    """

    def __init__(self, commit: Callable[[ConnectionThread, list[Write[Any]], float], int]) -> None:
        self._commit = commit
        self._waiting: deque[Write[Any]] = deque()

    async def join(self, thread: ConnectionThread, write: Write[T]) -> T:
        """Have a write done, with others if there are any, and wait until it is over."""
        thread.check()
        self._waiting.append(write)
        # The first of these calls that comes to its turn leaves nothing to the others.
        thread.post(lambda: self._commit_all(thread, self._next()))
        return await write

    def _next(self) -> list[Write[Any]]:
        """Those that wait longest, as far as they want the database in the same way."""
        waiting = self._waiting
        writes: list[Write[Any]] = []
        while waiting and len(writes) < _MOST:
            if writes and waiting[0].options != writes[0].options:
                break
            writes.append(waiting.popleft())
        return writes

    def _commit_all(self, thread: ConnectionThread, writes: list[Write[Any]]) -> None:
        while writes:
            begun = time.monotonic()
            if len(writes) == 1:
                self._commit_alone(thread, writes[0], begun)
                return
            try:
                count = self._commit(thread, writes, begun)
            except SpoiledError as spoiled:
                count = spoiled.position + 1
                self._commit_all(thread, writes[: count - 1])
                self._commit_alone(thread, writes[count - 1], time.monotonic())
            except BaseException:  # noqa: BLE001 - nothing of them is there: each learns why
                for write in writes:
                    self._commit_alone(thread, write, begun)
                return
            else:
                answer(writes[:count])
            writes = writes[count:]

    def _commit_alone(self, thread: ConnectionThread, write: Write[Any], begun: float) -> None:
        try:
            self._commit(thread, [write], begun)
        except BaseException as error:  # noqa: BLE001 - raised in the waiting task
            write.fail(error)
        answer([write])
