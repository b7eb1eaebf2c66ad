"""One SQLite connection on a thread of its own, on which whole transactions run.

aiosqlite hands single statements to its thread, one call each. A transaction of convo goes over
as one function instead: it cannot be cancelled half-way, and it costs one hand-over.
"""

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import aiosqlite

from convo.errors import SessionClosedError
from convo.sqlite.pending_result import PendingResult, Withdrawn, answer
from convo.storage.forking import gate
from convo.storage.storage import StorageOptions

T = TypeVar("T")

# Seconds until SQLite is asked again to end a statement.
_ASK_AGAIN = 0.01

Connect = Callable[[StorageOptions], sqlite3.Connection]
"""Opens a connection as the caller that needs it first wants it."""


class ConnectionThread(aiosqlite.Connection):
    """An aiosqlite connection that is opened by the first work on it, and runs functions.

    The thread is a daemon: a program that ends without closing its sessions, as programs written
    for the SDK do, must not hang on it. What was acknowledged is committed by then.
    """

    def __init__(self, connect: Connect) -> None:
        super().__init__(_opened_by_work, iter_chunk_size=64)
        self._connect_with = connect
        self._is_shut = False
        self._process = os.getpid()
        self._interruptible: PendingResult[Any] | None = None
        self._guard = threading.Lock()
        self._thread.daemon = True
        self._thread.start()

    async def call(
        self, work: Callable[[PendingResult[T]], T], then: Callable[[T], None] | None = None
    ) -> T:
        """Run `work` on the thread and wait until it is over.

        A caller that is cancelled leaves at once until the work calls `begin` of its result; then
        it waits, so that it never goes on while its transaction is under way. `then` takes the
        result on the event loop.
        """
        return await self._done(work, PendingResult(then))

    async def read(self, work: Callable[[PendingResult[T]], T]) -> T:
        """As `call`, for work that changes nothing: it is given up when its caller is cancelled.

        SQLite ends the statement that is running; the work asks its result whether to go on.
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
            answer([job])

        self.post(run)
        return await job

    def _interrupt(self, job: PendingResult[Any]) -> None:
        """End the statement that runs for a job; another job's is left alone.

        SQLite ends only what it is in the middle of: a statement that is about to begin runs all
        the same. So it is asked again until the job is over.
        """
        with self._guard:
            if self._interruptible is not job:
                return
            if self._connection is not None:
                self._connection.interrupt()
        job.get_loop().call_later(_ASK_AGAIN, self._interrupt, job)

    def check(self) -> None:
        """Raise `SessionClosedError` unless the thread takes work."""
        if self._is_shut:
            raise SessionClosedError("the database connection has been closed")
        if self.is_inherited():
            raise SessionClosedError("a forked process cannot use its parent's connections")

    def post(self, run: Callable[[], None]) -> None:
        """Have the thread call `run`, which must raise nothing, when all before it is done."""
        # The thread keeps its last job until the next one comes: the job must keep nothing.
        handed_over = [run]

        # Except the loop: in the child of a fork, where the thread's frame is never left, it must
        # not be closed as the program ends. Parent and child have the same system selector.
        def job(_: object = asyncio.get_running_loop()) -> None:
            handed_over.pop()()

        self._tx.put_nowait((None, job))

    def connection(self, options: StorageOptions) -> sqlite3.Connection:
        """The connection, opened if it is not; for work on the thread only."""
        if self._connection is None:
            self._connection = self._connect_with(options)
        return self._connection

    def is_in_transaction(self) -> bool:
        """Whether a transaction has been begun and not ended."""
        return self._connection is not None and self._connection.in_transaction

    def is_inherited(self) -> bool:
        """Whether this is a copy in a forked process, where the thread does not exist."""
        return self._process != os.getpid()

    def discard(self) -> None:
        """Close the connection but keep the thread: the next use opens another one.

        To be called by work that found the connection unusable.
        """
        connection, self._connection = self._connection, None
        if connection is not None:
            with gate.working():
                connection.close()

    def shut(self, then: Callable[[], None] | None = None) -> None:
        """Close the connection and end the thread once all that was handed over is done.

        Waits for nothing and may be called from any thread, and after the event loop has ended;
        `then` is called on the thread.
        """

        def close_and_stop() -> None:
            self.discard()
            # Outside an event loop `stop` asks for no future to report to.
            self.stop()
            if then is not None:
                then()

        self._is_shut = True
        if self.is_inherited():
            # SQLite wants a connection left alone in the child of a fork, not closed.
            if then is not None:
                then()
            return
        self._tx.put_nowait((None, close_and_stop))

    async def close(self) -> None:
        """As `shut`, and wait until the connection is closed."""
        closed: PendingResult[None] = PendingResult()
        self.shut(lambda: answer([closed]))
        await closed

    def join(self, timeout: float | None = None) -> None:
        """Wait until the thread has ended, for `timeout` seconds at most."""
        if not self.is_inherited():
            self._thread.join(timeout)


def _opened_by_work() -> sqlite3.Connection:
    raise AssertionError("a connection is opened by the work that needs it")
