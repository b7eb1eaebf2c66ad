"""What code prints, taken apart into lines of which a person is shown no more than can be read."""

from collections import deque

FIRST, LAST = 100, 10
"""Lines that are shown of a flood: those that begin it, and those that end it."""

_LONGEST = 4096
"""Bytes that are kept of a line. Fewer fit on the screen."""


class PrintedLines:
    """Bytes as they arrive, and lines as they are shown."""

    def __init__(self) -> None:
        self._open = b""
        self._lines: list[str] = []
        self._left = FIRST
        self._later: deque[str] = deque(maxlen=LAST)
        self._omitted = 0

    @property
    def is_within_line(self) -> bool:
        """Whether a line has begun that has not ended."""
        return bool(self._open)

    @property
    def is_waiting(self) -> bool:
        """Whether there are lines to be taken."""
        return bool(self._lines)

    def feed(self, data: bytes) -> None:
        """Add what was printed next."""
        first, *more = data.split(b"\n")
        self._extend(first)
        for piece in more:
            self.end_line()
            self._extend(piece)

    def take_open(self) -> str:
        """The unfinished line, which is taken out of the lines."""
        line, self._open = self._open, b""
        return line.decode(errors="backslashreplace")

    def end_line(self) -> None:
        """Take what there is of a line for a whole one."""
        line, self._open = self._open.rstrip(b"\r"), b""
        if line and not line.isspace():
            self._add(line.decode(errors="backslashreplace"))

    def take(self) -> list[str]:
        """The lines that can be shown now."""
        lines, self._lines = self._lines, []
        return lines

    def rest(self) -> list[str]:
        """All that is still to be shown, with how much was left out; then counting starts again."""
        lines = self.take()
        omitted = self._omitted - len(self._later)
        if omitted > 0:
            lines.append(f"({omitted:,} more lines)")
        lines += self._later
        self._later.clear()
        self._left, self._omitted = FIRST, 0
        return lines

    def _extend(self, piece: bytes) -> None:
        line = self._open + piece
        # What is written over and over, such as a progress bar, is shown as it was at last.
        overwritten = line.rstrip(b"\r").rfind(b"\r") + 1
        self._open = line[overwritten : overwritten + _LONGEST]

    def _add(self, line: str) -> None:
        if self._left:
            self._left -= 1
            self._lines.append(line)
        else:
            self._omitted += 1
            self._later.append(line)
