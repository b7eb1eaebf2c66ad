"""A block of code: its rules, and its lines one after the other."""

from convo_cli.render.markdown.highlight import Highlighter
from convo_cli.render.terminal.grid import fitted
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.spans import Span, Spans
from convo_cli.render.terminal.text import one_line, safe

WIDEST_RULE = 80
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
