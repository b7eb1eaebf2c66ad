"""A terminal: an emulator that keeps what scrolled away, and whose window can change its size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyte
from pyte.screens import StaticDefaultDict

Row = StaticDefaultDict[int, Any]


class Emulator(pyte.HistoryScreen):
    """A screen with all that scrolled away above it.

    It tells where its cursor is when it is asked (`answer` gets the bytes). When its window gets
    narrower it cuts its lines as xterm does, or with `reflow` wraps them as most others do.
    """

    def __init__(
        self,
        columns: int,
        lines: int,
        *,
        answer: Callable[[str], Any] | None = None,
        reflow: bool = False,
    ) -> None:
        self._answer = answer
        self._reflow = reflow
        super().__init__(columns, lines, history=10_000)
        self._stream = pyte.ByteStream(self)

    @property
    def text(self) -> str:
        """All lines that the terminal shows and has shown, without empty ones at the end."""
        rows = [*self.history.top, *(self.buffer[y] for y in range(self.lines))]
        shown = ["".join(row[x].data for x in range(self._width(row))).rstrip() for row in rows]
        return "\n".join(shown).rstrip("\n")

    def feed(self, data: bytes) -> None:
        """Show what a program writes."""
        self._stream.feed(data)

    def write_process_input(self, data: str) -> None:
        if self._answer is not None:
            self._answer(data)

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        """Change the size; what is above the cursor moves up where it must to keep it visible."""
        lines, columns = lines or self.lines, columns or self.columns
        first = len(self.history.top)
        cursor = first + self.cursor.y
        rows = [*self.history.top, *(self.buffer[y] for y in range(self.lines))]
        while len(rows) > cursor + 1 and not self._width(rows[-1]):
            rows.pop()
        if self._reflow and columns < self.columns:
            above = [part for row in rows[:cursor] for part in self._parts(row, columns)]
            first += len(above) - cursor
            rows = above + [part for row in rows[cursor:] for part in self._parts(row, columns)]
            cursor = len(above)
        first = max(first, cursor - lines + 1)
        self.lines, self.columns = lines, columns
        self.history.top.clear()
        self.history.top.extend(rows[:first])
        self.buffer.clear()
        for y, row in enumerate(rows[first : first + lines]):
            for x in [x for x in row if x >= columns]:
                del row[x]
            self.buffer[y] = row
        self.cursor.y, self.cursor.x = cursor - first, min(self.cursor.x, columns - 1)
        self.dirty.update(range(lines))
        self.set_margins()

    def _width(self, row: Row) -> int:
        return max((x + 1 for x in row if row[x].data.strip() or row[x].data == ""), default=0)

    def _parts(self, row: Row, columns: int) -> list[Row]:
        parts = []
        for start in range(0, max(self._width(row), 1), columns):
            part: Row = StaticDefaultDict(self.default_char)
            part.update({x - start: row[x] for x in row if start <= x < start + columns})
            parts.append(part)
        return parts
