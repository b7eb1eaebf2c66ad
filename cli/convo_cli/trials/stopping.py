"""Ctrl-C while a trial runs: the first keeps what is whole, the second ends the program at once."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from convo_cli.ask.leaving import leave
from convo_cli.ask.signals import StoppedError
from convo_cli.exits import ExitCode
from convo_cli.terminal import Terminal

T = TypeVar("T")

_SIGNALS = {
    signal.SIGINT: ExitCode.INTERRUPTED,
    signal.SIGTERM: ExitCode.TERMINATED,
    signal.SIGHUP: ExitCode.HUNG_UP,
}


class EndedError(StoppedError):
    """A signal stopped the trial; `code` is the exit code that it stands for."""

    def __init__(self, code: ExitCode) -> None:
        super().__init__()
        self.code = code


async def stoppable_trial(
    work: Coroutine[Any, Any, T],
    terminal: Terminal,
    close: Callable[[], None] = lambda: None,
    *,
    in_chat: bool = False,
    hint: str | None = "the turns that were not answered wait for --resume",
) -> T:
    """Await a trial; raise `EndedError` if a signal stopped it, once what is whole is stored.

    A second Ctrl-C ends the program at once, after `close` has restored the terminal; but not the
    chat, which has handlers of its own for other signals.
    """
    numbers = [signal.SIGINT] if in_chat else list(_SIGNALS)
    loop = asyncio.get_running_loop()
    task = loop.create_task(work)
    received: list[ExitCode] = []

    def leave_at_once() -> None:
        close()
        terminal.error("interrupted", hint)
        leave(terminal, ExitCode.INTERRUPTED)

    def stop(code: ExitCode) -> None:
        if received and code is ExitCode.INTERRUPTED and not in_chat:
            leave_at_once()
        received.append(code)
        task.cancel()

    for number in numbers:
        loop.add_signal_handler(number, stop, _SIGNALS[number])
    try:
        return await task
    except asyncio.CancelledError:
        if received:
            raise EndedError(received[0]) from None
        raise
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
        # A tool that does not heed that it was stopped may run on for long.
        ends_now = bool(received) and not in_chat
        loop.add_signal_handler(signal.SIGINT, leave_at_once if ends_now else lambda: None)
