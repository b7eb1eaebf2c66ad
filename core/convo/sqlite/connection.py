"""One SQLite connection on a thread of its own, on which whole transactions run.

aiosqlite passes single statements to its thread, one call each. Convo passes a whole transaction
as one function instead: it cannot be cancelled half-way, and it costs one thread switch.
"""

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import aiosqlite

from convo.errors import SessionClosedError
from convo.sqlite.connect import FrozenConnection
from convo.storage.forking import gate
from convo.storage.pending_result import PendingResult, Withdrawn, answer_one
from convo.storage.storage import StorageOptions

T = TypeVar("T")

# Seconds between two requests to SQLite to interrupt a statement.
_ASK_AGAIN = 0.01

Connect = Callable[[StorageOptions], sqlite3.Connection]
"""Opens a connection, with the options of the caller that needs it first."""


class ConnectionThread(aiosqlite.Connection):
    """An aiosqlite connection that runs functions; the first one opens it.

    The thread is a daemon: a program that ends without closing its sessions, as programs written
    for the SDK do, must not hang. Every write that was reported as done has been committed.
    """

    def __init__(self, connect: Connect) -> None:
        super().__init__(_opened_by_work, iter_chunk_size=64)
        self._connect_with = connect
        self._is_shut = False
        self._process = os.getpid()
        self._interruptible: PendingResult[Any] | None = None
        self.waiting = 0
        """The number of tasks that wait for work on the thread."""
        self._guard = threading.Lock()
        self._thread.daemon = True
        self._thread.start()

    async def call(
        self, work: Callable[[PendingResult[T]], T], then: Callable[[T], None] | None = None
    ) -> T:
        """Run `work` on the thread and wait for its end.

        A cancelled caller returns at once, unless the work has called `begin` of its result; then
        it waits, so that it never continues while its transaction is running. `then` is called
        with the result on the event loop.
        """
        return await self._done(work, PendingResult(then))

    async def read(self, work: Callable[[PendingResult[T]], T]) -> T:
        """Like `call`, for work that only reads: it is aborted when its caller is cancelled.

        SQLite interrupts the running statement; the work checks its result before the next one.
        """

        def interruptible(job: PendingResult[T]) -> T:
            with self._guard:
                self._interruptible = job
            try:
                return work(job)
            finally:
                with self._guard:
                    self._interruptible = None

        return await self._done(interruptible, PendingResult(interrupt=self._interrupt))

    async def _done(self, work: Callable[[PendingResult[T]], T], job: PendingResult[T]) -> T:
        self.check()

        def run() -> None:
            try:
                if job.is_wanted():
                    job.succeed(work(job))
                else:
                    job.fail(Withdrawn())
            except BaseException as error:  # noqa: BLE001 - raised in the waiting task
                job.fail(error)
            answer_one(job)

        self.post(run)
        self.waiting += 1
        try:
            return await job
        finally:
            self.waiting -= 1

    def _interrupt(self, job: PendingResult[Any]) -> None:
        """Interrupt the statement of a job, but not that of another job.

        SQLite only interrupts a statement that is running, not one that is about to begin. So it
        is asked again until the job is over.
        """
        with self._guard:
            if self._interruptible is not job:
                return
            if self._connection is not None:
                self._connection.interrupt()
        job.get_loop().call_later(_ASK_AGAIN, self._interrupt, job)

    def check(self) -> None:
        """Raise `SessionClosedError` unless the thread accepts work."""
        if self._is_shut:
            raise SessionClosedError("the database connection has been closed")
        if self.is_inherited():
            raise SessionClosedError("a forked process cannot use its parent's connections")

    def post(self, run: Callable[[], None]) -> None:
        """Queue `run`, which must not raise, for the thread."""
        # The thread keeps a reference to its last job: the job must not keep one to anything.
        handed_over = [run]

        # Except the loop: in the child of a fork, the thread's frame is never left, and the loop
        # must not be closed at exit, because parent and child share the system's selector.
        def job(_: object = asyncio.get_running_loop()) -> None:
            handed_over.pop()()

        self._tx.put_nowait((None, job))

    def connection(self, options: StorageOptions) -> sqlite3.Connection:
        """The connection, opened if necessary; only to be used on the thread."""
        if self._connection is None:
            self._connection = self._connect_with(options)
        return self._connection

    def is_idle(self) -> bool:
        """Whether no task waits for work on the thread; to be called on the event loop."""
        return not self.waiting

    def is_writable(self) -> bool:
        """Whether it has a connection that can write, as far as is known."""
        return self._connection is not None and not isinstance(self._connection, FrozenConnection)

    def is_in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._connection is not None and self._connection.in_transaction

    def is_inherited(self) -> bool:
        """Whether this is a copy in a forked process, which does not have the thread."""
        return self._process != os.getpid()

    def discard(self) -> None:
        """Close the connection but keep the thread: the next use opens another connection.

        To be called by work that found the connection unusable.
        """
        connection, self._connection = self._connection, None
        if connection is not None:
            with gate.working():
                connection.close()

    def shut(self, then: Callable[[], None] | None = None) -> None:
        """Close the connection and end the thread once all queued work is done.

        Does not block, and may be called from any thread, even after the event loop has ended;
        `then` is called on the thread.
        """

        def close_and_stop() -> None:
            self.discard()
            # Outside an event loop, `stop` needs no future to report to.
            self.stop()
            if then is not None:
                then()

        self._is_shut = True
        if self.is_inherited():
            # In the child of a fork, SQLite forbids even closing a connection.
            if then is not None:
                then()
            return
        self._tx.put_nowait((None, close_and_stop))

    async def close(self) -> None:
        """Like `shut`, and wait until the connection is closed."""
        closed: PendingResult[None] = PendingResult()
        self.shut(lambda: answer_one(closed))
        await closed

    def join(self, timeout: float | None = None) -> None:
        """Wait until the thread has ended, for at most `timeout` seconds."""
        if not self.is_inherited():
            self._thread.join(timeout)


def _opened_by_work() -> sqlite3.Connection:
    raise AssertionError("a connection is opened by the work that needs it")
