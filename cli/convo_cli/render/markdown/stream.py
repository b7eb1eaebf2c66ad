"""Markdown as text for a terminal: whole, or while it arrives."""

import re

from convo_cli.render.markdown import kept_text
from convo_cli.render.markdown.blocks import BlockLines
from convo_cli.render.markdown.document import parse
from convo_cli.render.markdown.open_text import OpenText
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.spans import Spans, drawn
from convo_cli.render.terminal.text import SafeStream, safe

_EMPTY_BEGINNING = re.compile(r"(?:[ \t]*\n)*")


def markdown(text: str, look: Look) -> str:
    """A Markdown text as lines for a terminal of this look, whatever the text holds.

    They are those that `MarkdownStream` hands out of it.
    """
    lines = _lines(_without_beginning(safe(text)), look)
    return "".join(f"{drawn(spans, colour=look.colour)}\n" for spans in lines)


def _lines(text: str, look: Look) -> list[Spans]:
    if len(text) <= min(kept_text.LONG, kept_text.LONG_TABLE):
        return [line.spans for line in BlockLines(parse(text), look).lines()]
    whole = OpenText(look)
    whole.add(text)
    return [*whole.settled(), *whole.end()]


def _without_beginning(text: str) -> str:
    """The text without empty lines before it."""
    return _EMPTY_BEGINNING.sub("", text, count=1)


class MarkdownStream:
    """A Markdown text that arrives in pieces.

    Its lines are handed out once, as soon as nothing that may follow can change them. What comes
    after them is open: it is drawn again whenever more of it is there. `begun` is whether there is
    anything to be shown.
    """

    def __init__(self, look: Look) -> None:
        self._look = look
        self._safe = SafeStream()
        self._beginning = ""
        self._text = OpenText(look)
        self.begun = False

    @property
    def look(self) -> Look:
        """What the terminal can show; it may change between two drawings."""
        return self._look

    @look.setter
    def look(self, look: Look) -> None:
        self._look = self._text.look = look

    def feed(self, piece: str) -> None:
        """Take the next piece of the text."""
        text = self._safe.feed(piece)
        if self.begun:
            self._text.add(text)
            return
        self._beginning = _without_beginning(self._beginning + text)
        if self._beginning.strip():
            self.begun = True
            self._text.add(self._beginning)

    def settled(self) -> list[Spans]:
        """The lines that have become final since this was last asked."""
        return self._text.settled()

    def open(self) -> list[Spans]:
        """The lines of what is not final yet, as far as it has arrived.

        Of a line of code that is longer than any screen it is the end.
        """
        return self._text.open()

    def end(self) -> list[Spans]:
        """The lines that were not final, now that nothing follows. A new text may begin."""
        self.feed(self._safe.end())
        lines = [*self._text.settled(), *self._text.end()]
        self._text, self._beginning, self.begun = OpenText(self._look), "", False
        return lines
