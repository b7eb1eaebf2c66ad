"""A block of code: its rules, and its lines one after the other."""

import re
from dataclasses import dataclass

from convo_cli.render.markdown.containers import unindented
from convo_cli.render.markdown.document import Block, Document
from convo_cli.render.markdown.highlight import Highlighter
from convo_cli.render.terminal.grid import fitted
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.spans import Span, Spans
from convo_cli.render.terminal.text import one_line, safe

WIDEST_RULE = 80
_SCREENS = 60
"""Lines of a screen that are shown of a line of code before it has its end."""

_TAB = 4
_DIM = "2"


class Code:
    """Draws a block of code, line by line. Its lines are never broken: they can be copied."""

    def __init__(self, info: str, look: Look) -> None:
        self.look = look
        self._language = one_line(info.strip().partition(" ")[0])
        self._highlighter = Highlighter(self._language, colour=look.colour)

    @property
    def top(self) -> Spans:
        """The rule above it, which names its language."""
        long = self._rule_width
        title = fitted(self._language, long // 2, "…" if self.look.unicode else "~")
        rule = f"{self._rule * 2} {title} ".ljust(long, self._rule) if title else self._rule * long
        return (Span(rule, _DIM),)

    @property
    def bottom(self) -> Spans:
        """The rule below it."""
        return (Span(self._rule * self._rule_width, _DIM),)

    def line(self, text: str) -> Spans:
        """The next line."""
        return self._highlighter.line(safe(text).expandtabs(_TAB))

    def preview(self, text: str) -> Spans:
        """A line that is still arriving."""
        return self._highlighter.preview(safe(text).expandtabs(_TAB))

    @property
    def _rule(self) -> str:
        return "─" if self.look.unicode else "-"

    @property
    def _rule_width(self) -> int:
        return min(self.look.width, WIDEST_RULE)


@dataclass(slots=True)
class OpenCode:
    """A block of code whose end is not there yet."""

    code: Code
    closing: re.Pattern[str]
    indentation: int

    @classmethod
    def begun(cls, document: Document, fence: Block, look: Look) -> "OpenCode":
        """The code that a document ends with."""
        first = document.lines[fence.start]
        markup = fence.token.markup
        closing = re.compile(rf" {{0,3}}{re.escape(markup[0])}{{{len(markup)},}}[ \t]*")
        opened = cls(Code(fence.token.info, look), closing, len(first) - len(first.lstrip(" ")))
        for line in fence.token.content.split("\n")[:-1]:
            opened.code.line(line)
        return opened

    def text(self, line: str) -> str:
        """What of a line is code."""
        if not self.indentation:
            return line
        indented = len(line) - len(line.lstrip(" "))
        return unindented(line, min(self.indentation, indented)) or ""

    def preview(self, line: str) -> list[Spans]:
        """The last lines of the code as far as it has arrived, with an unfinished line of it."""
        if not line or self.closing.fullmatch(line):
            return [self.code.bottom]
        width = self.code.look.width
        hidden = max(len(line) // width - _SCREENS, 0) * width
        shown = line[hidden:] if hidden else self.text(line)
        return [self.code.preview(shown), self.code.bottom]
