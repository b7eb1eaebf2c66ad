"""Markdown as text for a terminal: whole, or while it arrives."""

import re

from convo_cli.render.markdown.blocks import BlockLines
from convo_cli.render.markdown.document import Document, parse
from convo_cli.render.markdown.mending import mended
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.spans import Spans, drawn
from convo_cli.render.terminal.text import SafeStream, safe

_EMPTY_BEGINNING = re.compile(r"(?:[ \t]*\n)*")


def markdown(text: str, look: Look) -> str:
    """A Markdown text as lines for a terminal of this look, whatever the text holds."""
    lines = BlockLines(parse(_without_beginning(safe(text))), look).lines()
    return "".join(f"{drawn(line.spans, colour=look.colour)}\n" for line in lines)


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
        self.look = look
        self._safe = SafeStream()
        self._text = ""
        self.begun = False
        self._whole = 0
        self._done: float = 0
        self._number: int | None = None

    def feed(self, piece: str) -> None:
        """Take the next piece of the text."""
        self._text += self._safe.feed(piece)
        if not self.begun:
            self._text = _without_beginning(self._text)
            self.begun = bool(self._text.strip())

    def settled(self) -> list[Spans]:
        """The lines that have become final since this was last asked."""
        whole = self._text.rfind("\n") + 1
        if whole == self._whole:
            return []
        self._whole = whole
        document = self._parse(self._text[:whole])
        settled = document.settled
        lines = self._drawn(document, settled)
        self._done = max(self._done, settled)
        self._forget(document)
        return lines

    def open(self) -> list[Spans]:
        """The lines of what is not final yet, as far as it has arrived."""
        whole, rest = self._text[: self._whole], self._text[self._whole :]
        if rest and not (whole and self._parse(whole).in_code):
            rest = mended(rest)
        return self._drawn(self._parse(whole + rest))

    def end(self) -> list[Spans]:
        """The lines that were not final, now that nothing follows. A new text may begin."""
        self._text += self._safe.end()
        lines = self._drawn(self._parse(self._text))
        self._text, self.begun = "", False
        self._whole, self._done, self._number = 0, 0, None
        return lines

    def _parse(self, text: str) -> Document:
        return parse(text, self._number)

    def _drawn(self, document: Document, before: float | None = None) -> list[Spans]:
        lines = BlockLines(document, self.look).lines()
        return [
            line.spans
            for line in lines
            if self._done <= line.source and (before is None or line.source < before)
        ]

    def _forget(self, document: Document) -> None:
        """Keep no more of the text than is needed to go on, and the empty line before it."""
        first, self._number = document.restart
        if first and document.is_blank(first - 1):
            first -= 1
        gone = sum(len(line) + 1 for line in document.lines[:first])
        self._text = self._text[gone:]
        self._whole -= gone
        self._done = max(self._done - first, 0)
