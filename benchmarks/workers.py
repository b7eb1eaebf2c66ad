"""The processes of the subjects, seen from the one that asks them."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

from benchmarks.subjects import Subject
from benchmarks.worker import Failure, serve

_CONTEXT = multiprocessing.get_context("forkserver")
# The SDK takes seconds to import: that is done once, and the processes are forks of who did it.
_CONTEXT.set_forkserver_preload(["agents.extensions.memory"])


class SubjectFailed(Exception):
    """A subject raised an error where it was measured; the text is that error's."""

    def __init__(self, subject: Subject, failure: Failure) -> None:
        super().__init__(failure.error)
        self.subject = subject
        self.trace = failure.trace


class Worker:
    """The process of one subject, alive from the first measurement to the last."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self._connection, other_end = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=serve, args=(subject, other_end), daemon=True)
        self._process.start()
        other_end.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection.close()
        if error is not None:
            self._process.terminate()
        self._process.join()

    def ask(self, task: Callable[..., Awaitable[Any]], **values: object) -> Any:
        """The answer of a task of `worker.py`; raises `SubjectFailed`."""
        self.begin(task, **values)
        return self.answer()

    def begin(self, task: Callable[..., Awaitable[Any]], **values: object) -> None:
        """Have a task begun, whose answer is not waited for."""
        # A process that has ended has no answer either.
        with contextlib.suppress(OSError):
            self._connection.send((task, values))

    def has_answer(self, seconds: float) -> bool:
        """Whether the task is over within so many seconds."""
        return self._connection.poll(seconds)

    def answer(self) -> Any:
        """The answer of the task that was begun; raises `SubjectFailed`."""
        try:
            answer = self._connection.recv()
        except (EOFError, OSError):
            answer = Failure(f"the process of {self.subject.label} has ended", "")
        if isinstance(answer, Failure):
            raise SubjectFailed(self.subject, answer)
        return answer
