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


@contextmanager
def exits_caught() -> Iterator[None]:
    """Convert SystemExit and the like into `AgentExitError`, in every task of the block."""
    loop = asyncio.get_running_loop()
    before, leave = loop.get_task_factory(), os._exit
    process = os.getpid()

    def make(loop: asyncio.AbstractEventLoop, coro: Any, **how: Any) -> asyncio.Task[Any]:
        return asyncio.Task(_Guarded(coro), loop=loop, **how)

    def leave_as_error(status: int) -> NoReturn:
        if os.getpid() != process:
            # A forked process is meant to end like this.
            leave(status)
        raise SystemExit(status)

    loop.set_task_factory(make)
    os._exit = leave_as_error
    try:
        yield
    finally:
        os._exit = leave
        loop.set_task_factory(before)


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
