"""Keeps an agent's code from ending the program: an exit becomes an error of the agent.

`sys.exit()` in a tool would pass through the event loop, and end the chat with the tool's code.
"""

import asyncio
import os
from collections.abc import Coroutine, Generator, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn


class AgentExitError(Exception):
    """The code of an agent wanted to end the program; its cause is how."""


class InterruptedInCodeError(KeyboardInterrupt):
    """Ctrl-C, raised in the code of an agent that holds the event loop."""


@contextmanager
def exits_caught() -> Iterator[None]:
    """Turn what would end the program into an `AgentExitError`, in every task of the block."""
    loop = asyncio.get_running_loop()
    before, leave = loop.get_task_factory(), os._exit
    process = os.getpid()

    def make(loop: asyncio.AbstractEventLoop, coro: Any, **how: Any) -> asyncio.Task[Any]:
        return asyncio.Task(_Guarded(coro), loop=loop, **how)

    def leave_as_error(status: int) -> NoReturn:
        if os.getpid() != process:
            # A copy of this process, which ends like this as it should.
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
    """Whether code of that file is what runs a guarded task: only what it calls may be stopped."""
    return filename == __file__


def what_raised(error: BaseException) -> BaseException:
    """What the code of an agent raised, where that was to end the program or a group of tasks."""
    while True:
        if isinstance(error, AgentExitError) and error.__cause__ is not None:
            error = error.__cause__
        elif isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        else:
            return error


class _Guarded(Coroutine[Any, Any, Any]):
    """A coroutine that does not end the event loop, whatever it raises."""

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
