"""Handles signals while a chat runs: Ctrl-C stops the current work, SIGTERM and SIGHUP the chat."""

import asyncio
import signal
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

from convo_cli.agent.code_errors import is_own
from convo_cli.agent.exits import InterruptedInCodeError, runs_task

T = TypeVar("T")

_SIGNALLED = 128
"""A shell reports a program ended by signal N with the exit code 128 + N."""

_ENDING = ("SIGTERM", "SIGHUP")

_ASK_AGAIN = 0.2
"""Seconds after which a Ctrl-C that the event loop has not heard of is sent again."""


class StoppedError(Exception):
    """The user stopped the current work with Ctrl-C."""


class Ending:
    """The exit code of a chat that a signal ended; None as long as none has."""

    def __init__(self) -> None:
        self.code: int | None = None


@contextmanager
def ended_by_signals() -> Iterator[Ending]:
    """Cancel the running task on SIGTERM, or when the terminal is closed.

    The normal cleanup then runs: the database is closed and the terminal's modes are restored.
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
    """Await the work; raise `StoppedError` if Ctrl-C stopped it."""
    loop, waiting = asyncio.get_running_loop(), asyncio.current_task()
    task = loop.create_task(work)
    stopped = False
    again: threading.Timer | None = None

    def stop() -> None:
        nonlocal stopped
        stopped = True
        forget()
        task.cancel()

    def forget() -> None:
        if again is not None:
            again.cancel()

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal again
        _interrupt_code(frame)
        # Code may begin to block the loop before the loop hears of the signal.
        forget()
        again = threading.Timer(_ASK_AGAIN, signal.pthread_kill, (threading.get_ident(), number))
        again.daemon = True
        again.start()

    loop.add_signal_handler(signal.SIGINT, stop)
    # The event loop is woken by its descriptor; code that blocks the loop is interrupted here.
    signal.signal(signal.SIGINT, interrupt)
    try:
        return await task
    except asyncio.CancelledError:
        if stopped and waiting is not None and not waiting.cancelling():
            raise StoppedError from None
        raise
    finally:
        forget()
        ignore_interrupts()


def _interrupt_code(frame: FrameType | None) -> None:
    """Interrupt the code of an agent that blocks the event loop, for example in `time.sleep`."""
    is_in_code = False
    while frame is not None:
        if is_in_code and runs_task(frame.f_code.co_filename):
            raise InterruptedInCodeError
        is_in_code = is_in_code or is_own(frame.f_code.co_filename)
        frame = frame.f_back


def ignore_interrupts() -> None:
    """Ignore Ctrl-C outside of `stoppable`, for example while a turn is stored."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, lambda: None)
