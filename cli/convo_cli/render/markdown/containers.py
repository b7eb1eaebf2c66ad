"""Quotations and items of lists that go on for long: what stands in them, line by line."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.spans import Span, Spans

_ITEM = re.compile(r"( *)([-+*]|\d{1,9}[.)])( *)")
_UNDERLINE = re.compile(r"(?:=+|-{1,2})\s*")
_QUOTE = re.compile(r" {0,3}>")
_MOST_SPACES = 4
"""Spaces between a marker and a text; with more of them the text is code."""

_TAB = 4


class Text(Protocol):
    """A Markdown text that is still arriving, drawn line by line."""

    look: Look

    def add(self, text: str) -> None:
        """Take what has arrived."""
        ...

    def settled(self) -> list[Spans]:
        """The lines that can no longer change, each once."""
        ...

    def open(self, rest: str = "") -> list[Spans]:
        """The lines that may still change, as they are with `rest` at their end."""
        ...

    def end(self) -> list[Spans]:
        """The lines that are left, once nothing more arrives."""
        ...

    def takes_lazily(self, line: str) -> bool:
        """Whether a line without a marker goes on with its last paragraph."""
        ...


@dataclass(frozen=True, slots=True)
class Container:
    """A quotation, or an item whose text begins in a column."""

    column: int | None = None
    ordered: str = ""
    """What is behind the number of an item of an ordered list."""

    def without(self, line: str) -> str | None:
        """What of a line stands in it; None for one that does not."""
        if self.column is None:
            return _without_quote(line)
        return unindented(line, self.column)

    def ends_before(self, line: str) -> bool:
        """Whether a line that is not in it begins another item, beside it or around it."""
        spaced = _with_spaces(line)
        found = _ITEM.match(spaced) if self.column is not None else None
        return found is not None and spaced[found.end(2) : found.end(2) + 1] in {"", " ", "\t"}

    def goes_on_with(self, line: str) -> bool:
        """Whether a line is the next item of the same ordered list."""
        found = _ITEM.match(line)
        return bool(self.ordered and found and found[2][-1] == self.ordered)


QUOTE = Container()


@dataclass(slots=True)
class Inner:
    """What stands in a quotation or an item, a text of its own, and what is before its lines."""

    container: Container
    text: Text
    first: Span
    other: Span
    number: int = 0
    has_begun: bool = False
    was_blank: bool = False
    is_in_line: bool = False

    def lines(self, inner: Iterable[Spans]) -> list[Spans]:
        """Its lines, as they stand in the text around it."""
        lines: list[Spans] = []
        for spans in inner:
            before = self.other if self.has_begun else self.first
            self.has_begun = True
            if not spans:
                before = Span(before.text.rstrip(), before.style)
            lines.append((before, *spans))
        return lines

    def preview(self, rest: str) -> list[Spans]:
        """As `lines` of what is open, which will be drawn again."""
        begun = self.has_begun
        lines = self.lines(self.text.open(rest))
        self.has_begun = begun
        return lines

    def stripped(self, line: str) -> str | None:
        """What of a line stands in it; None for one that follows it."""
        stripped = self.container.without(line)
        if stripped is not None or self.container.ends_before(line):
            return stripped
        return lazy(line) if self.text.takes_lazily(line) else None


def item_of(line: str) -> tuple[Container, str]:
    """The item that a line begins, and what of the line stands in it."""
    line = _with_spaces(line)
    found = _ITEM.match(line)
    if found is None:
        return Container(0), line
    spaces = len(found[3])
    if spaces > _MOST_SPACES or found.end() == len(line):
        spaces = 1
    column = found.end(2) + spaces
    return Container(column, "" if found[2] in "-+*" else found[2][-1]), line[column:]


def unindented(line: str, columns: int) -> str | None:
    """A line without so many columns of white space; None where it has fewer, and is not empty."""
    if not line.strip():
        return ""
    spaced = _with_spaces(line)
    return spaced[columns:] if not spaced[:columns].strip(" ") else None


def lazy(line: str) -> str:
    """A line of a paragraph that is not where the paragraph is, as if it were."""
    text = line.lstrip()
    # Only where the paragraph is it would make a heading of that.
    return f"\\{text}" if _UNDERLINE.fullmatch(text) else text


def _without_quote(line: str) -> str | None:
    found = _QUOTE.match(line)
    if found is None:
        return None
    rest = line[found.end() :]
    if rest.startswith("\t"):
        rest = " " * (_TAB - found.end() % _TAB) + rest[1:]
    return rest.removeprefix(" ")


def _with_spaces(line: str) -> str:
    """The line with spaces for the tabs that it begins with."""
    text = line.lstrip(" \t")
    return line[: len(line) - len(text)].expandtabs(_TAB) + text
