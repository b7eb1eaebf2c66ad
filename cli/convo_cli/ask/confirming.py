"""Asks a question that takes a whole line for an answer, while the event loop runs."""

import asyncio
import os
import termios

from convo_cli.ask.terminal_modes import whole_lines
from convo_cli.terminal import Terminal


async def confirmed(terminal: Terminal, question: str) -> bool:
    """Whether the user answers "y" or "yes"; False if nobody can be asked.

    The question has to be safe to show. Keys typed before it was shown are discarded.
    """
    if not (terminal.stdin_is_terminal and terminal.stderr_is_terminal):
        return False
    descriptor, typed = terminal.stdin_descriptor, ""
    try:
        with whole_lines(descriptor):
            termios.tcflush(descriptor, termios.TCIFLUSH)
            terminal.prompt(question)
            typed = await typed_next(descriptor)
    finally:
        if not typed.endswith("\n"):
            terminal.prompt("\n")
    return typed.strip().lower() in {"y", "yes"}


async def typed_next(descriptor: int) -> str:
    """The next input: a key, or a whole line if the terminal is in line mode."""
    loop = asyncio.get_running_loop()
    there = asyncio.Event()
    loop.add_reader(descriptor, there.set)
    try:
        await there.wait()
    finally:
        loop.remove_reader(descriptor)
    return os.read(descriptor, 1024).decode(errors="replace")
