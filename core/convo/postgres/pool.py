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


class Pool:
    """At most `size` connections to one database."""

    def __init__(self, address: ServerAddress, size: int) -> None:
        self.address = address
        self.size = size
        self.has_connected = False
        self.settled: dict[tuple[str | None, Tables], PostgresStatements] = {}
        """The statements for the schemas and tables that are known to be complete."""
        self._changed = threading.Condition()
        self._ready: deque[Task] = deque()
        self._behind: dict[str, deque[Task]] = {}
        self._threads: set[threading.Thread] = set()
        self._idle = 0
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
        with self._changed:
            self._is_shut = True
            self._changed.notify_all()
            return list(self._threads)

    def _add(self, task: Task) -> None:
        with self._changed:
            if self._is_shut:
                raise SessionClosedError(f"the database {self.address} has been closed")
            if task.key is not None:
                if task.key in self._behind:
                    self._behind[task.key].append(task)
                    return
                self._behind[task.key] = deque()
            self._make_ready(task)

    def _make_ready(self, task: Task) -> None:
        self._ready.append(task)
        if self._idle >= len(self._ready):
            self._changed.notify()
        elif len(self._threads) < self.size:
            thread = threading.Thread(
                target=self._work, name=f"convo-postgres-{len(self._threads)}", daemon=True
            )
            self._threads.add(thread)
            thread.start()

    def _work(self) -> None:
        seat = Seat(self.address, self._note_connected)
        while (task := self._next()) is not None:
            others = self._joined(task)
            task.do(seat, others)
            answer([one.result for one in (task, *others)])
            seat.end_reading()
            self._release(task.key)
            # A waiting thread must not keep its last tasks.
            del task, others
        seat.discard()

    def _next(self) -> Task | None:
        with self._changed:
            while not self._ready:
                self._idle += 1
                is_woken = not self._is_shut and self._changed.wait(IDLE)
                self._idle -= 1
                if not self._ready and (self._is_shut or not is_woken):
                    self._threads.discard(threading.current_thread())
                    return None
            return self._ready.popleft()

    def _joined(self, task: Task) -> list[Task]:
        """The tasks on the same session that wait behind a task and can be done with it."""
        others: list[Task] = []
        if task.key is None or task.join is None:
            return others
        with self._changed:
            waiting = self._behind[task.key]
            while waiting and waiting[0].join == task.join and len(others) < _MOST_TOGETHER:
                others.append(waiting.popleft())
        return others

    def _note_connected(self) -> None:
        self.has_connected = True

    def _release(self, key: str | None) -> None:
        if key is None:
            return
        with self._changed:
            waiting = self._behind[key]
            if waiting:
                self._make_ready(waiting.popleft())
            else:
                del self._behind[key]

    def _expire(self, task: Task, timeout: float) -> None:
        with self._changed:
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
