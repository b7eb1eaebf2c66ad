"""Waits at exit for tools that still run, reports them, and leaves at once on Ctrl-C."""

import asyncio
import os
import signal
from collections.abc import Coroutine
from typing import Any

import typer

from convo_cli.agent.tool_threads import RunningTool, ToolThreads
from convo_cli.exits import ExitCode
from convo_cli.terminal import Terminal

_PATIENCE = 0.3
"""Seconds before the first line about tools that still run."""

_INTERVAL = 10.0
"""Seconds between later lines."""


async def until_tools_end(work: Coroutine[Any, Any, None], terminal: Terminal) -> None:
    """Await the work of a command, and then the tools that it started in threads."""
    threads = ToolThreads()
    asyncio.get_running_loop().set_default_executor(threads)
    try:
        await work
    except typer.Exit as ended:
        if threads.running:
            leave(terminal, ended.exit_code)
        raise
    finally:
        await tools_ended(threads, terminal)


async def tools_ended(threads: ToolThreads, terminal: Terminal) -> None:
    """Wait until no tool runs any more; Ctrl-C ends the program at once.

    Call this once everything else is closed and the terminal is restored.
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
    """Describe the tools that still run after a turn was stopped; None if none does."""
    return f"{_named(threads.running)}, and runs on" if threads.running else None


def leave(terminal: Terminal, code: int) -> None:
    """End the program without waiting for threads."""
    terminal.flush()
    os._exit(code)


def _named(running: list[RunningTool]) -> str:
    said = [f"the tool {one.name}, which has run for {one.seconds} s" for one in running]
    return " and ".join(said) or "the tool"
