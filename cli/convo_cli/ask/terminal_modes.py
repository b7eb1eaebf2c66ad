"""How the terminal treats what is typed while no prompt is there to take it."""

import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

_INPUT, _LOCAL, _CHARACTERS = 0, 3, 6
"""Where the modes that are changed stand in what termios gives."""


@contextmanager
def typing_ahead(descriptor: int) -> Iterator[None]:
    """Keep typed keys out of the answer, and as they are for the next prompt; Ctrl-C interrupts."""

    def change(modes: list[Any]) -> None:
        modes[_INPUT] &= ~termios.ICRNL
        modes[_LOCAL] &= ~(termios.ECHO | termios.ICANON)
        modes[_CHARACTERS][termios.VMIN], modes[_CHARACTERS][termios.VTIME] = 1, 0

    with _changed(descriptor, change):
        yield


@contextmanager
def whole_lines(descriptor: int, *, hidden: bool = False) -> Iterator[None]:
    """Have the terminal give lines that can be edited, and echo them unless they are hidden."""

    def change(modes: list[Any]) -> None:
        modes[_INPUT] |= termios.ICRNL
        modes[_LOCAL] |= termios.ECHO | termios.ICANON
        if hidden:
            modes[_LOCAL] &= ~termios.ECHO

    with _changed(descriptor, change):
        yield


@contextmanager
def _changed(descriptor: int, change: Callable[[list[Any]], None]) -> Iterator[None]:
    before = termios.tcgetattr(descriptor)
    modes = termios.tcgetattr(descriptor)
    change(modes)
    termios.tcsetattr(descriptor, termios.TCSANOW, modes)
    try:
        yield
    finally:
        # A terminal that has been closed has no modes to restore.
        with suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSANOW, before)
