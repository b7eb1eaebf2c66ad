"""The result of work on another thread, for the waiting task on an event loop."""

import asyncio
import threading
from collections.abc import Callable, Iterable
from enum import Enum, auto
from typing import Any, TypeVar

T = TypeVar("T")


class Withdrawn(Exception):
    """All tasks that waited for some work were cancelled before it began."""


class _Stage(Enum):
    WAITING = auto()
    BEGUN = auto()
    WITHDRAWN = auto()


class PendingResult(asyncio.Future[T]):
    """Awaited on the loop that created it, worked on in another thread, and resolved once.

    `then` is called with the result on the loop, before any task there can act on it. While the
    work waits for its turn or for a lock, a cancelled task returns at once; once the work has
    begun, the cancellation is raised after its end. With `interrupt`, which is called on the loop,
    work that has begun is aborted as well or, with `finishes`, only work that has not.
    """

    def __init__(
        self,
        then: Callable[[T], None] | None = None,
        interrupt: "Callable[[PendingResult[Any]], None] | None" = None,
        *,
        finishes: bool = False,
    ) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self._then = then
        self._interrupt = interrupt
        self._finishes = finishes or interrupt is None
        self._guard = threading.Lock()
        self._stage = _Stage.WAITING
        self._is_unwanted = False
        self._outcome: Any = None
        self._error: BaseException | None = None

    def is_wanted(self) -> bool:
        """Whether the task still waits."""
        return not self._is_unwanted

    def begin(self) -> bool:
        """Whether to do the work; if so, it is no longer cancelled.

        Call it again before work that is repeated because it was rolled back.
        """
        with self._guard:
            self._stage = _Stage.WITHDRAWN if self._is_unwanted else _Stage.BEGUN
            return self._stage is _Stage.BEGUN

    def succeed(self, result: T) -> None:
        """Set the result, which `answer` delivers."""
        self._outcome, self._error = result, None

    def fail(self, error: BaseException) -> None:
        """Set the error, which `answer` delivers."""
        self._error = error

    def resolve(self) -> None:
        """Deliver the result or error to the task; called on the loop."""
        if self.done():
            return
        if self._stage is _Stage.WITHDRAWN or isinstance(self._error, Withdrawn):
            super().cancel()
            return
        if self._error is None and self._then is not None:
            try:
                self._then(self._outcome)
            except Exception as error:  # noqa: BLE001 - raised in the waiting task
                self._error = error
        if self._error is None:
            self.set_result(self._outcome)
        else:
            self.set_exception(self._error)

    def cancel(self, msg: Any | None = None) -> bool:
        """Called when the waiting task is cancelled: give up the work, if that is possible."""
        with self._guard:
            self._is_unwanted = True
            if self._stage is _Stage.BEGUN and self._finishes:
                # asyncio cancels the task once this is done.
                return False
            self._stage = _Stage.WITHDRAWN
        if self._interrupt is not None:
            self._interrupt(self)
        return super().cancel(msg)


def answer(results: Iterable[PendingResult[Any]]) -> None:
    """Resolve all of these for their tasks, in order; may be called from any thread."""
    by_loop: dict[asyncio.AbstractEventLoop, list[PendingResult[Any]]] = {}
    for result in results:
        by_loop.setdefault(result.get_loop(), []).append(result)
    for loop, done in by_loop.items():
        _call(loop, _resolve, done)


def answer_one(result: PendingResult[Any]) -> None:
    """Resolve a single one in the same way, for less."""
    _call(result.get_loop(), PendingResult.resolve, result)


def _call(loop: asyncio.AbstractEventLoop, work: Callable[..., None], what: Any) -> None:
    try:
        loop.call_soon_threadsafe(work, what)
    except RuntimeError:
        # The loop was closed while the work was running: no task waits any more.
        return


def _resolve(results: list[PendingResult[Any]]) -> None:
    for result in results:
        result.resolve()
