"""The lowest lines of the terminal, which are redrawn while what they show still changes.

Between two drawings the cursor stands at the beginning of the first of these rows. So there is no
need to know how many rows the terminal made of them, which after a change of its size nobody does:
what is to be redrawn is whatever is below the cursor. A row is never wrapped by the terminal,
because what takes two cells here may take one there.
"""

from collections.abc import Sequence
from itertools import takewhile
from typing import Protocol

_HIDE, _SHOW = "\x1b[?25l", "\x1b[?25h"
_NO_WRAP, _WRAP = "\x1b[?7l", "\x1b[?7h"
_BEGIN, _FINISH = "\x1b[?2026h", "\x1b[?2026l"
"""Around one drawing, which terminals that know it show at once and others just show."""

_CLEAR_LINE, _CLEAR_BELOW = "\x1b[K", "\x1b[J"


class Screen(Protocol):
    """Where a region is drawn: a terminal, by its stdout or its stderr."""

    @property
    def can_redraw(self) -> bool:
        """Whether the cursor can move back over earlier lines."""

    def write(self, text: str) -> None:
        """Write text."""

    def flush(self) -> None:
        """Flush what was written."""


class Region:
    """Lines that are written for good, and below them rows that are not.

    On a terminal that cannot go back, the rows are not shown.
    """

    def __init__(self, terminal: Screen) -> None:
        self._terminal = terminal
        self._rows: list[str] = []
        self._hidden = False
        self._resized = False

    def resized(self) -> None:
        """Take it that the rows may look otherwise than they were drawn."""
        self._resized = True

    def update(self, lines: Sequence[str], rows: Sequence[str] = ()) -> None:
        """Write the lines for good where the rows were, and below them the rows.

        No line holds a newline, and a row fits into the width, all of them into the height.
        """
        if self._terminal.can_redraw:
            self._redraw(lines, list(rows))
        elif lines:
            self._write("".join(f"{line}\n" for line in lines))

    def close(self) -> None:
        """Take the rows away, and leave the cursor where the next line begins."""
        self.update(())
        if self._hidden:
            self._hidden = False
            self._write(_SHOW)

    def _redraw(self, lines: Sequence[str], rows: list[str]) -> None:
        final = "".join(f"{line}\n" for line in lines)
        if rows or self._rows:
            self._write_around(final, rows)
        elif final:
            self._write(final)

    def _write_around(self, final: str, rows: list[str]) -> None:
        kept = 0
        if not final and not self._resized:
            if rows == self._rows:
                return
            pairs = zip(rows, self._rows, strict=False)
            kept = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        hide = "" if self._hidden else _HIDE
        clear = _CLEAR_BELOW if self._rows and not kept else ""
        self._write(f"{_BEGIN}{hide}{clear}{final}{_drawn(rows, kept)}{_FINISH}")
        self._rows, self._hidden, self._resized = rows, True, False

    def _write(self, text: str) -> None:
        self._terminal.write(text)
        self._terminal.flush()


def _drawn(rows: list[str], kept: int) -> str:
    """What draws the rows but the first few, which stand already, and goes back to the first."""
    if kept == len(rows):
        # Some stood below them.
        return _back("\n" * kept + _CLEAR_BELOW, kept)
    *upper, last = rows[kept:]
    # Cleared before it is written: behind a full row the cursor may still stand on its last cell.
    drawn = "".join(f"{_CLEAR_LINE}{row}\n" for row in upper) + _CLEAR_BELOW + last
    return _back("\n" * kept + _NO_WRAP + drawn + _WRAP, len(rows) - 1)


def _back(text: str, rows: int) -> str:
    return f"{text}\r\x1b[{rows}A" if rows else f"{text}\r"
