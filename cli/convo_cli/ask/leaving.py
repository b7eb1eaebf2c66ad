"""Waits at the end of a program for tools that still run, says so, and leaves on Ctrl-C."""

import asyncio
import os
import signal

from convo_cli.agent.tool_threads import RunningTool, ToolThreads
from convo_cli.exits import ExitCode
from convo_cli.terminal import Terminal

_PATIENCE = 0.3
"""Seconds after which it is said what is waited for."""

_INTERVAL = 10.0
"""Seconds between two such lines."""


async def tools_ended(threads: ToolThreads, terminal: Terminal) -> None:
    """Return when no tool runs any more; Ctrl-C leaves the program at once, without them.

    To be called when everything else is closed and the terminal is as it was.
    """
    if not threads.running:
        return

    def leave_now() -> None:
        terminal.error("interrupted", f"{_named(threads.running)} was left undone")
        leave(terminal, ExitCode.INTERRUPTED)

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, leave_now)
    patience = _PATIENCE
    while running := threads.running:
        futures = [asyncio.wrap_future(one.future) for one in running]
        await asyncio.wait(futures, timeout=patience)
        if still := threads.running:
            patience = _INTERVAL
            terminal.notice(f"waiting for {_named(still)}; Ctrl-C leaves at once")


def still_running(threads: ToolThreads) -> str | None:
    """What is to be said of the tools that run on when a turn was stopped."""
    return f"{_named(threads.running)}, and runs on" if threads.running else None


def leave(terminal: Terminal, code: int) -> None:
    """End the program without waiting for threads."""
    terminal.flush()
    os._exit(code)


def _named(running: list[RunningTool]) -> str:
    said = [f"the tool {one.name}, which has run for {one.seconds} s" for one in running]
    return " and ".join(said) or "the tool"
