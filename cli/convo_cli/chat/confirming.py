"""Asks a question that only a whole typed line answers, while the event loop runs."""

import asyncio
import os
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from convo_cli.terminal import Terminal

_INPUT, _LOCAL = 0, 3
"""Where the modes that are changed stand in what termios gives."""


async def confirmed(terminal: Terminal, question: str) -> bool:
    """Whether somebody at the terminal types "y" or "yes"; no where nobody can be asked.

    The question has to be safe to show. What was typed before it is no answer to it.
    """
    if not (terminal.stdin_is_terminal and terminal.stderr_is_terminal):
        return False
    descriptor, typed = terminal.stdin_descriptor, ""
    try:
        with _whole_lines(descriptor):
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


@contextmanager
def _whole_lines(descriptor: int) -> Iterator[None]:
    """Have the terminal echo, and give lines that can be mended, whatever it does else."""
    before = termios.tcgetattr(descriptor)
    modes = termios.tcgetattr(descriptor)
    modes[_INPUT] |= termios.ICRNL
    modes[_LOCAL] |= termios.ECHO | termios.ICANON
    termios.tcsetattr(descriptor, termios.TCSANOW, modes)
    try:
        yield
    finally:
        # A terminal that has been closed has no modes to restore.
        with suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSANOW, before)
