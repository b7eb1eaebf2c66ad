"""Sets the terminal's modes while no prompt reads from it."""

import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

_INPUT, _LOCAL, _CHARACTERS = 0, 3, 6
"""The indexes, in the list that termios returns, of the modes that are changed."""


@contextmanager
def typing_ahead(descriptor: int) -> Iterator[None]:
    """Do not echo typed keys, and leave them for the next prompt; Ctrl-C still interrupts."""

    def change(modes: list[Any]) -> None:
        modes[_INPUT] &= ~termios.ICRNL
        modes[_LOCAL] &= ~(termios.ECHO | termios.ICANON)
        modes[_CHARACTERS][termios.VMIN], modes[_CHARACTERS][termios.VTIME] = 1, 0

    with _changed(descriptor, change):
        yield


@contextmanager
def whole_lines(descriptor: int, *, hidden: bool = False) -> Iterator[None]:
    """Put the terminal into line mode, echoing the input unless it is hidden."""

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
        # A closed terminal has no modes to restore.
        with suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSANOW, before)
