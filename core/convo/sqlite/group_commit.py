"""Group commit: writes that wait at the same time are committed together.

A commit waits for the disk, however little it writes. So the writes that arrive during one commit
share the next. Each write is still atomic, and they keep their order: if one fails, the shared
transaction is rolled back, and the others are repeated without it.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from convo.sqlite.connection import ConnectionThread
from convo.sqlite.transaction import SQLiteTransaction
from convo.storage.pending_result import PendingResult, answer, answer_one
from convo.storage.storage import StorageOptions

T = TypeVar("T")

_MOST = 128
"""The most writes in one transaction, and so the most to repeat if one of them fails."""

_LONGEST = 0.02
"""Seconds after which a transaction takes no more writes: other processes wait for its end."""


class Write(PendingResult[T]):
    """A write that a task waits for."""

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
        """Do the work if the task still waits; it takes effect when the transaction commits."""
        if self.begin():
            self.succeed(self.work(tx))


class SpoiledError(Exception):
    """One of several writes failed, and with it their transaction."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


def do_together(writes: list[Write[Any]], tx: SQLiteTransaction) -> int:
    """Do as many writes as there is time for in one transaction; return their number.

    Raises `SpoiledError` if one of several fails; a single one raises its own error.
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

    `commit` does the first of the given writes in one transaction and returns their number; it
    also gets the time, as of `time.monotonic`, since when they have been waiting for a lock.
    """

    def __init__(self, commit: Callable[[ConnectionThread, list[Write[Any]], float], int]) -> None:
        self._commit = commit
        self._waiting: deque[Write[Any]] = deque()

    async def join(self, thread: ConnectionThread, write: Write[T]) -> T:
        """Have a write done, together with waiting ones if any, and wait for its end."""
        thread.check()
        self._waiting.append(write)
        # The first of these calls to run does the work of the others too.
        thread.post(lambda: self._commit_all(thread, self._next()))
        thread.waiting += 1
        try:
            return await write
        finally:
            thread.waiting -= 1

    def _next(self) -> list[Write[Any]]:
        """The longest-waiting writes, up to the first one with other options."""
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
            except BaseException:  # noqa: BLE001 - all are rolled back: each gets the error
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
        answer_one(write)
