"""Keeps an agent's code from ending the program: an exit becomes an error of the agent.

Without this, `sys.exit()` in a tool would end the chat with the tool's exit code.
"""

import asyncio
import os
from collections.abc import Coroutine, Generator, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn


class AgentExitError(Exception):
    """An agent's code tried to end the program; `__cause__` is what it raised."""


class InterruptedInCodeError(KeyboardInterrupt):
    """Ctrl-C, raised in an agent's code that blocks the event loop."""


class _Guard:
    """What is in place while agents' code runs; blocks of turns that run at once share it."""

    blocks = 0

    def begin(self) -> None:
        """Put it in place with the first block."""
        self.blocks += 1
        if self.blocks > 1:
            return
        self._loop = asyncio.get_running_loop()
        self._before, self._leave = self._loop.get_task_factory(), os._exit
        self._process = os.getpid()
        self._loop.set_task_factory(self._make)
        os._exit = self._leave_as_error

    def end(self) -> None:
        """Take it away with the last block."""
        self.blocks -= 1
        if not self.blocks:
            os._exit = self._leave
            self._loop.set_task_factory(self._before)

    def _make(self, loop: asyncio.AbstractEventLoop, coro: Any, **how: Any) -> "asyncio.Task[Any]":
        return asyncio.Task(_Guarded(coro), loop=loop, **how)

    def _leave_as_error(self, status: int) -> NoReturn:
        if os.getpid() != self._process:
            # A forked process is meant to end like this.
            self._leave(status)
        raise SystemExit(status)


_GUARD = _Guard()


@contextmanager
def exits_caught() -> Iterator[None]:
    """Convert SystemExit and the like into `AgentExitError`, in every task of the block."""
    _GUARD.begin()
    try:
        yield
    finally:
        _GUARD.end()


def runs_task(filename: str) -> bool:
    """Whether a file is this module, whose own frames must not be interrupted."""
    return filename == __file__


def what_raised(error: BaseException) -> BaseException:
    """The error of an agent's code itself, taken out of an exit or a group of tasks."""
    while True:
        if isinstance(error, AgentExitError) and error.__cause__ is not None:
            error = error.__cause__
        elif isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        else:
            return error


class _Guarded(Coroutine[Any, Any, Any]):
    """Wraps a coroutine so that nothing it raises ends the event loop."""

    def __init__(self, inner: Coroutine[Any, Any, Any]) -> None:
        self._inner = inner

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._inner.__await__()

    def send(self, value: Any) -> Any:
        with _caught():
            return self._inner.send(value)

    def throw(self, *error: Any) -> Any:
        with _caught():
            return self._inner.throw(*error)

    def close(self) -> None:
        self._inner.close()


@contextmanager
def _caught() -> Iterator[None]:
    try:
        yield
    except InterruptedInCodeError:
        raise asyncio.CancelledError from None
    except (SystemExit, KeyboardInterrupt) as error:
        raise AgentExitError from error
