"""Signals while a chat runs: Ctrl-C stops what is going on; being ended leaves all in order."""

import asyncio
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

from convo_cli.agent.code_errors import is_own
from convo_cli.agent.exits import InterruptedInCodeError, runs_task

T = TypeVar("T")

_SIGNALLED = 128
"""A shell reports a program that a signal ended as this much above the signal's number."""

_ENDING = ("SIGTERM", "SIGHUP")


class StoppedError(Exception):
    """The user stopped what was going on with Ctrl-C."""


class Ending:
    """How a chat was ended from outside: the exit code, None as long as it was not."""

    def __init__(self) -> None:
        self.code: int | None = None


@contextmanager
def ended_by_signals() -> Iterator[Ending]:
    """Cancel the running task when the program is told to end or its terminal is closed.

    So everything is closed the way it is closed otherwise: the database, the terminal's modes.
    """
    loop, task, ending = asyncio.get_running_loop(), asyncio.current_task(), Ending()
    assert task is not None

    def end(number: int) -> None:
        ending.code = _SIGNALLED + number
        task.cancel()

    numbers = [getattr(signal, name) for name in _ENDING]
    for number in numbers:
        loop.add_signal_handler(number, end, number)
    try:
        yield ending
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


async def stoppable(work: Coroutine[Any, Any, T]) -> T:
    """Do the work; raise `StoppedError` when it did not end because of Ctrl-C."""
    loop, waiting = asyncio.get_running_loop(), asyncio.current_task()
    task = loop.create_task(work)
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True
        task.cancel()

    loop.add_signal_handler(signal.SIGINT, stop)
    # The event loop is told by way of its descriptor; code that holds it is told here.
    signal.signal(signal.SIGINT, _interrupt_code)
    try:
        return await task
    except asyncio.CancelledError:
        if stopped and waiting is not None and not waiting.cancelling():
            raise StoppedError from None
        raise
    finally:
        ignore_interrupts()


def _interrupt_code(_: int, frame: FrameType | None) -> None:
    """Interrupt the code of an agent where it holds the event loop, as `time.sleep` does."""
    is_in_code = False
    while frame is not None:
        if is_in_code and runs_task(frame.f_code.co_filename):
            raise InterruptedInCodeError
        is_in_code = is_in_code or is_own(frame.f_code.co_filename)
        frame = frame.f_back


def ignore_interrupts() -> None:
    """Have Ctrl-C do nothing between two things that it can stop, such as storing a turn."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, lambda: None)
