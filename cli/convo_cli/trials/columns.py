"""Shows the answers of several models side by side, drawn again as they arrive."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Self

from convo_cli.ask.screens.region import Region
from convo_cli.render.live import tool_called, tool_failed
from convo_cli.render.markdown.stream import MarkdownStream
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.spans import Span, Spans, drawn, folded, width_of, wrapped
from convo_cli.render.terminal.text import one_line, safe
from convo_cli.terminal import Terminal
from convo_cli.trials.drawn import Drawn
from convo_cli.turn.events import Event, Noticed, TextDelta, ToolCalled, ToolFailed

_INTERVAL = 0.1
"""Seconds between two drawings."""

_BOLD, _DIM = "1", "2"


class SideBySide(Drawn):
    """A column for each answer, drawn again as they arrive; what cannot change stays above."""

    def __init__(self, terminal: Terminal, names: Sequence[str]) -> None:
        super().__init__(Region(terminal), _INTERVAL)
        self._terminal = terminal
        self._look = terminal.look
        self._bar = " │ " if self._look.unicode else " | "
        self._width = (self._look.width - 1 - 3 * (len(names) - 1)) // len(names)
        self._columns = [_Column(name, self._look._replace(width=self._width)) for name in names]
        self._written = 0

    async def __aenter__(self) -> Self:
        self._begin_drawing()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end_drawing()
        for column in self._columns:
            column.end(None)
        # The terminal may have written ^C into a row.
        self._region.resized()
        self._draw()
        self._region.close()

    def take(self, number: int, event: Event) -> None:
        """Show what happens in an answer in its column."""
        if isinstance(event, Noticed):
            self.say(f"{self._columns[number].name}: {event.text}")
        else:
            self._columns[number].take(event)

    def end(self, number: int, error: str | None) -> None:
        """Note that an answer is complete, or has failed."""
        self._columns[number].end(error)

    def say(self, text: str) -> None:
        """Write a notice below what is final."""
        self._region.close()
        self._terminal.notice(text)

    def write(self, text: Sequence[str]) -> None:
        """Write lines that are safe."""
        self._region.close()
        for line in text:
            self._terminal.aside(line)

    def _draw(self) -> None:
        """Write the rows for good that are final in every column, and draw the others."""
        columns = [(column.settled(), column) for column in self._columns]
        whole = all(column.has_ended for column in self._columns)
        final = min(
            (len(lines) for lines, column in columns if not column.has_ended),
            default=max(len(lines) for lines, _ in columns),
        )
        rows = self._rows([lines[self._written : final] for lines, _ in columns])
        room = max(self._terminal.window_height - 2, 1)
        # Of what is still open the end of each column is shown, as far as it fits.
        open_rows = [
            [*lines[final:], *([] if whole else column.open())][-room:] for lines, column in columns
        ]
        self._written = max(self._written, final)
        self._region.update(rows, self._rows(open_rows))

    def _rows(self, columns: Sequence[Sequence[Spans]]) -> list[str]:
        rows = []
        for line in zip_longest(*columns, fillvalue=()):
            spans: list[Span] = []
            for number, text in enumerate(line):
                spans += [Span(self._bar, _DIM)] if number else []
                fill = " " * max(0, self._width - width_of(text))
                spans += [*text, *([Span(fill, "")] if fill and number < len(line) - 1 else [])]
            rows.append(drawn(tuple(spans), colour=self._look.colour))
        return rows


class _Column:
    """One answer as lines of a column, the name of its model above them."""

    def __init__(self, name: str, look: Look) -> None:
        self.name = name
        self._look = look
        self._stream = MarkdownStream(look)
        self._lines: list[Spans] = []
        self._add_text(name, _BOLD)
        self._lines.append((Span(look.rule * look.width, _DIM),))
        self.has_ended = False

    def take(self, event: Event) -> None:
        """Add what has happened."""
        match event:
            case TextDelta(text):
                self._stream.feed(text)
            case ToolCalled(name, arguments):
                self._aside(tool_called(name, arguments, self._plain))
            case ToolFailed(name, error):
                self._aside(tool_failed(name, error, self._plain))

    def end(self, error: str | None) -> None:
        """Note that nothing follows."""
        if self.has_ended:
            return
        self.has_ended = True
        self._add(self._stream.end())
        if error is not None:
            self._add_text(error, _DIM)

    def settled(self) -> list[Spans]:
        """The lines that are final, from the first one."""
        if not self.has_ended:
            self._add(self._stream.settled())
        return self._lines

    def open(self) -> list[Spans]:
        """The lines after them."""
        if self.has_ended:
            return []
        if not self._stream.begun:
            return [(Span("…" if self._look.unicode else "...", _DIM),)]
        return [part for line in self._stream.open() for part in folded(line, self._look.width)]

    @property
    def _plain(self) -> Look:
        return self._look._replace(colour=False)

    def _aside(self, line: str) -> None:
        self._add(self._stream.end())
        self._add_text(line, _DIM)

    def _add(self, lines: Sequence[Spans]) -> None:
        self._lines += [part for line in lines for part in folded(line, self._look.width)]

    def _add_text(self, text: str, style: str) -> None:
        self._lines += wrapped((Span(one_line(safe(text)), style),), self._look.width) or [()]
