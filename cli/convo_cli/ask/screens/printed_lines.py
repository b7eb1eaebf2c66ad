"""Splits the output of code into lines, and shortens a flood of them to what can be read."""

from collections import deque

FIRST, LAST = 100, 10
"""The number of lines that are shown at the beginning and at the end of a flood."""

_LONGEST = 4096
"""The longest part of a line that is kept, in bytes: more than fits on a screen."""


class PrintedLines:
    """Takes bytes as they arrive, and returns lines to be shown."""

    def __init__(self) -> None:
        self._open = b""
        self._lines: list[str] = []
        self._left = FIRST
        self._later: deque[str] = deque(maxlen=LAST)
        self._omitted = 0

    @property
    def is_within_line(self) -> bool:
        """Whether the last line is unfinished."""
        return bool(self._open)

    @property
    def is_waiting(self) -> bool:
        """Whether there are lines to be taken."""
        return bool(self._lines)

    def feed(self, data: bytes) -> None:
        """Add the next bytes of the output."""
        first, *more = data.split(b"\n")
        self._extend(first)
        for piece in more:
            self.end_line()
            self._extend(piece)

    def take_open(self) -> str:
        """Remove and return the unfinished line."""
        line, self._open = self._open, b""
        return line.decode(errors="backslashreplace")

    def end_line(self) -> None:
        """Treat an unfinished line as complete."""
        line, self._open = self._open.rstrip(b"\r"), b""
        if line and not line.isspace():
            self._add(line.decode(errors="backslashreplace"))

    def take(self) -> list[str]:
        """Remove and return the lines that can be shown now."""
        lines, self._lines = self._lines, []
        return lines

    def rest(self) -> list[str]:
        """Remove and return all remaining lines and a count of those left out; reset the count."""
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
        # Of a line that overwrites itself, such as a progress bar, the last state is shown.
        overwritten = line.rstrip(b"\r").rfind(b"\r") + 1
        self._open = line[overwritten : overwritten + _LONGEST]

    def _add(self, line: str) -> None:
        if self._left:
            self._left -= 1
            self._lines.append(line)
        else:
            self._omitted += 1
            self._later.append(line)
