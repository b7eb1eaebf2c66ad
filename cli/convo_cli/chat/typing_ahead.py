"""What is typed while no prompt is there to take it, such as during an answer."""

import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_INPUT, _LOCAL, _CHARACTERS = 0, 3, 6
"""Where the modes that are changed stand in what termios gives."""


@contextmanager
def typing_ahead(descriptor: int) -> Iterator[None]:
    """Keep typed keys out of the answer, and as they are for the next prompt; Ctrl-C interrupts."""
    before = termios.tcgetattr(descriptor)
    modes = termios.tcgetattr(descriptor)
    modes[_INPUT] &= ~termios.ICRNL
    modes[_LOCAL] &= ~(termios.ECHO | termios.ICANON)
    modes[_CHARACTERS][termios.VMIN], modes[_CHARACTERS][termios.VTIME] = 1, 0
    termios.tcsetattr(descriptor, termios.TCSANOW, modes)
    try:
        yield
    finally:
        # A terminal that has been closed has no modes to restore.
        with suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSANOW, before)
