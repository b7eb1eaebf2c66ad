"""Asks a question that only a whole typed line answers, while the event loop runs."""

import asyncio
import os
import termios

from convo_cli.ask.terminal_modes import whole_lines
from convo_cli.terminal import Terminal


async def confirmed(terminal: Terminal, question: str) -> bool:
    """Whether somebody at the terminal types "y" or "yes"; no where nobody can be asked.

    The question has to be safe to show. What was typed before it is no answer to it.
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
    """What is typed next: a key, or a line where the terminal gives whole lines."""
    loop = asyncio.get_running_loop()
    there = asyncio.Event()
    loop.add_reader(descriptor, there.set)
    try:
        await there.wait()
    finally:
        loop.remove_reader(descriptor)
    return os.read(descriptor, 1024).decode(errors="replace")
