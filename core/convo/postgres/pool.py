"""The connections of this process to one database, each with a thread of its own.

All sessions and stores of the process share them, on whatever event loop they run. Work on the same
session runs one at a time, so that it waits here and not on a connection; what has waited may run
together.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from convo.errors import DatabaseUnavailableError, SessionClosedError
from convo.postgres.dialect import PostgresStatements
from convo.postgres.seat import Seat
from convo.postgres.url import ServerAddress
from convo.storage.pending_result import PendingResult, answer
from convo.storage.statements import Tables

T = TypeVar("T")

_MOST_TOGETHER = 31
"""The most tasks that are done with another one: all are repeated if one of them fails."""

IDLE = 300.0
"""Seconds after which a connection that is not used is closed."""


class Task:
    """Work that waits for a connection, and the session that it is about.

    `run` gets the connection's place and the tasks that are done with this one, and sets the result
    of each. Only tasks on the same session that `join` the same thing are done together, by what
    they have `joined`.
    """

    __slots__ = ("join", "joined", "key", "result", "run", "seat")

    def __init__(
        self,
        key: str | None,
        result: PendingResult[Any],
        run: Callable[[Seat, "list[Task]"], None],
        join: object = None,
        joined: Any = None,
    ) -> None:
        self.key = key
        self.result = result
        self.run = run
        self.join = join
        self.joined = joined
        self.seat: Seat | None = None

    def do(self, seat: Seat, others: "list[Task]") -> None:
        """Do the work, and that of others that wait behind it."""
        self.seat = seat
        seat.begin(self)
        try:
            self.run(seat, others)
        except BaseException as error:  # noqa: BLE001 - raised in the waiting task
            self.result.fail(error)
        finally:
            self.seat = None
            seat.end()

    def interrupt(self) -> None:
        """Abort the work if it is running."""
        seat = self.seat
        if seat is not None:
            seat.interrupt(self)


class _Worker:
    """A thread with a connection, which waits for its next task."""

    def __init__(self, thread: threading.Thread) -> None:
        self.thread = thread
        self._task: Task | None = None
        self._is_given = threading.Semaphore(0)

    def give(self, task: Task | None) -> None:
        """Have the thread do a task or, with None, end."""
        self._task = task
        self._is_given.release()

    def waits(self, timeout: float | None) -> bool:
        """Wait for a task; False if there is none in time."""
        return self._is_given.acquire(timeout=timeout)

    def take(self) -> Task | None:
        """The task that was given."""
        task, self._task = self._task, None
        return task


class Pool:
    """At most `size` connections to one database."""

    def __init__(self, address: ServerAddress, size: int) -> None:
        self.address = address
        self.size = size
        self.has_connected = False
        self.settled: dict[tuple[str | None, Tables], PostgresStatements] = {}
        """The statements for the schemas and tables that are known to be complete."""
        self._guard = threading.Lock()
        self._ready: deque[Task] = deque()
        self._behind: dict[str, deque[Task]] = {}
        self._workers: set[_Worker] = set()
        self._idle: list[_Worker] = []
        """The last of them has worked last: its connection, and the server's end, are warm."""
        self._is_shut = False

    async def run(self, task: Task, patience: float) -> Any:
        """Run a task on a connection and wait for its end.

        A cancelled caller returns at once, and the work is aborted, unless it has called `begin` of
        its result. Raises `DatabaseUnavailableError` if no connection becomes free in time.
        """
        self._add(task)
        expiry = asyncio.get_running_loop().call_later(patience, self._expire, task, patience)
        try:
            return await task.result
        finally:
            expiry.cancel()

    def shut(self) -> list[threading.Thread]:
        """Close all connections once their work is done; return their threads."""
        with self._guard:
            self._is_shut = True
            threads = [worker.thread for worker in self._workers]
            for worker in self._idle:
                self._end(worker)
            self._idle.clear()
            return threads

    def _add(self, task: Task) -> None:
        with self._guard:
            if self._is_shut:
                raise SessionClosedError(f"the database {self.address} has been closed")
            if task.key is not None:
                if task.key in self._behind:
                    self._behind[task.key].append(task)
                    return
                self._behind[task.key] = deque()
            self._make_ready(task)

    def _make_ready(self, task: Task) -> None:
        if self._idle:
            self._idle.pop().give(task)
        elif len(self._workers) < self.size:
            self._start(task)
        else:
            self._ready.append(task)

    def _start(self, task: Task) -> None:
        name = f"convo-postgres-{len(self._workers)}"
        thread = threading.Thread(target=lambda: self._work(worker), name=name, daemon=True)
        worker = _Worker(thread)
        self._workers.add(worker)
        worker.give(task)
        thread.start()

    def _work(self, worker: _Worker) -> None:
        seat = Seat(self.address, self._note_connected)
        while (task := self._next(worker)) is not None:
            others = self._joined(task)
            task.do(seat, others)
            is_over = not seat.is_reading
            if is_over:
                # Before the answer, so that what is asked next comes here and not to another.
                self._offer(worker)
            answer([one.result for one in (task, *others)])
            if not is_over:
                seat.end_reading()
                self._offer(worker)
            self._release(task.key)
            # A waiting thread must not keep its last tasks.
            del task, others
        seat.discard()

    def _offer(self, worker: _Worker) -> None:
        """Give a worker that is free the task that has waited longest, if there is one."""
        with self._guard:
            if self._ready:
                worker.give(self._ready.popleft())
            elif self._is_shut:
                self._end(worker)
            else:
                self._idle.append(worker)

    def _end(self, worker: _Worker) -> None:
        """Have a free worker end; from now on, another thread may be started in its place."""
        self._workers.discard(worker)
        worker.give(None)

    def _next(self, worker: _Worker) -> Task | None:
        if not worker.waits(IDLE):
            with self._guard:
                if worker in self._idle:
                    self._idle.remove(worker)
                    self._end(worker)
            worker.waits(None)
        return worker.take()

    def _joined(self, task: Task) -> list[Task]:
        """The tasks on the same session that wait behind a task and can be done with it."""
        others: list[Task] = []
        if task.key is None or task.join is None:
            return others
        with self._guard:
            waiting = self._behind[task.key]
            while waiting and waiting[0].join == task.join and len(others) < _MOST_TOGETHER:
                others.append(waiting.popleft())
        return others

    def _note_connected(self) -> None:
        self.has_connected = True

    def _release(self, key: str | None) -> None:
        if key is None:
            return
        with self._guard:
            waiting = self._behind[key]
            if waiting:
                self._make_ready(waiting.popleft())
            else:
                del self._behind[key]

    def _expire(self, task: Task, timeout: float) -> None:
        with self._guard:
            if task in self._ready:
                self._ready.remove(task)
                is_ready = True
            elif task.key is not None and task in self._behind.get(task.key, ()):
                self._behind[task.key].remove(task)
                is_ready = False
            else:
                return
        task.result.fail(
            DatabaseUnavailableError(
                f"all {self.size} connections of this process to {self.address} have been in use "
                f"for {timeout:g} s",
                hint="allow more with pool_size, or do less at once",
            )
        )
        task.result.resolve()
        if is_ready:
            self._release(task.key)
