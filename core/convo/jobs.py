"""Work that is done on another thread, and who waits for it on an event loop."""

import asyncio
from collections.abc import Callable, Generator, Iterable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Job(Generic[T]):
    """Awaited on the loop that it was made on, done on another thread, and answered once.

    `then` takes the result on the loop, before anybody there can act on it. A cancellation that
    arrives meanwhile is raised afterwards: who waits never goes on while the work is under way.
    """

    __slots__ = ("_error", "_future", "_result", "_then", "loop")

    def __init__(self, then: Callable[[T], None] | None = None) -> None:
        self.loop = asyncio.get_running_loop()
        self._future: _Unshaken[T] = _Unshaken(loop=self.loop)
        self._then = then
        self._result: Any = None
        self._error: BaseException | None = None

    def __await__(self) -> Generator[Any, None, T]:
        return self._future.__await__()

    def succeed(self, result: T) -> None:
        """Note the result; `answer` tells it."""
        self._result, self._error = result, None

    def fail(self, error: BaseException) -> None:
        """Note the error; `answer` tells it."""
        self._error = error

    def settle(self) -> None:
        """Tell who waits; on the loop."""
        if self._error is None and self._then is not None:
            try:
                self._then(self._result)
            except Exception as error:  # noqa: BLE001 - told to who waits for it
                self._error = error
        if self._error is None:
            self._future.set_result(self._result)
        else:
            self._future.set_exception(self._error)


class _Unshaken(asyncio.Future[T]):
    """A future that is not cancelled with the task that awaits it: the task is, once it is done."""

    def cancel(self, msg: Any | None = None) -> bool:
        return False


def answer(jobs: Iterable[Job[Any]]) -> None:
    """Tell all who wait for these jobs, in this order; may be called from any thread."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Job[Any]]] = {}
    for job in jobs:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, done in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle, done)
        except RuntimeError:
            # The loop was closed while the work was under way; nobody is left to be told.
            continue


def _settle(jobs: list[Job[Any]]) -> None:
    for job in jobs:
        job.settle()
