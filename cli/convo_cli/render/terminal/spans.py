"""Styled text before it is written: measured, wrapped at words, folded, and drawn."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from convo_cli.render.terminal.grid import cells
from convo_cli.render.terminal.palette import parameters
from convo_cli.render.terminal.text import safe


class Span(NamedTuple):
    """A piece of text in one style: the parameters of an SGR sequence, such as "1;36"."""

    text: str
    style: str = ""


Spans = Sequence[Span]

# Scripts that are written without spaces: a line may break before any of their characters, but not
# before what closes a phrase, nor before a mark that belongs to the character.
_IDEOGRAPH = (
    "\u1100-\u115f\u2e80-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003fffd"
)
_CLOSING = "\u3001\u3002\uff0c\uff0e\uff01\uff1f\uff1a\uff1b\uff09\u300d\u300f\u3011\u3009\u300b"
_MARKS = "\u0300-\u036f\u302a-\u302f\u3099\u309a\ufe00-\ufe0f"
_SINGLES = re.compile("[ -~\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u2193\u2500-\u257f]*")
"""Matches texts whose characters take one cell each: Latin letters, arrows, rules and bullets."""

_PIECE = re.compile(
    f" +|[{_IDEOGRAPH}][{_MARKS}]*[{_CLOSING}]*|[^ {_IDEOGRAPH}]+[{_CLOSING}{_MARKS}]*"
)
_INDENTED_WORD = re.compile(" *[^ ]+")
_SPACES = re.compile(" *")


def span(text: str, style: str = "") -> Span:
    """Make a span of a text, made safe; it may contain newlines."""
    return Span(safe(text).replace("\t", " "), style)


def width_of(spans: Spans) -> int:
    """The width of the spans in cells."""
    return sum(cells(text) for text, _ in spans)


def text_of(spans: Spans) -> str:
    """The text of the spans."""
    return "".join(text for text, _ in spans)


def drawn(spans: Spans, *, colour: int) -> str:
    """The spans with SGR sequences; `colour` is a `Palette`, or a bool."""
    if not colour:
        return text_of(spans)
    shown = []
    for style, same in groupby(spans, lambda span: span.style):
        text = text_of(list(same))
        styled = f"\x1b[{parameters(style, colour)}m{text}\x1b[0m"
        shown.append(styled if style and text else text)
    return "".join(shown)


def wrapped(spans: Spans, width: int) -> list[Spans]:
    """Lines of at most `width` cells, broken at words and at newlines.

    A word that is longer than a line gets a line of its own and is not split: the terminal folds
    it, so that it can be copied in one piece.
    """
    text = text_of(spans)
    ranges: list[tuple[int, int]] = []
    start = 0
    for line in text.split("\n"):
        broken = _broken_singles if line.isascii() or _SINGLES.fullmatch(line) else _broken
        ranges += [(start + first, start + last) for first, last in broken(line, width)]
        start += len(line) + 1
    return list(_sliced(spans, ranges))


def _broken(line: str, width: int) -> Iterator[tuple[int, int]]:
    """The ranges of the lines that a line is broken into."""
    start = end = used = space = 0
    for piece in _PIECE.finditer(line):
        taken = cells(piece[0])
        if piece[0][0] == " ":
            space = taken
            continue
        if used and used + space + taken > width:
            yield start, end
            start, used = piece.start(), taken
        else:
            used += space + taken
        end, space = piece.end(), 0
    yield start, end


def _broken_singles(line: str, width: int) -> Iterator[tuple[int, int]]:
    """As `_broken`, but by lines instead of words, for characters of one cell each."""
    start, length = 0, len(line.rstrip(" "))
    while length - start > width:
        space = line.rfind(" ", start, start + width + 1)
        end = start + len(line[start : max(space, start)].rstrip(" "))
        if end == start:
            end = _INDENTED_WORD.match(line, start).end()  # type: ignore[union-attr]
        yield start, end
        if end == length:
            return
        start = _SPACES.match(line, end).end()  # type: ignore[union-attr]
    yield start, length


def _sliced(spans: Spans, ranges: Iterable[tuple[int, int]]) -> Iterator[Spans]:
    """The parts of the spans in these ranges, which are in ascending order."""
    if len(spans) == 1:
        text, style = spans[0]
        for start, end in ranges:
            yield (Span(text[start:end], style),) if start < end else ()
        return
    index = offset = 0
    for start, end in ranges:
        parts = []
        while index < len(spans) and offset + len(spans[index].text) <= start:
            offset += len(spans[index].text)
            index += 1
        at, base = index, offset
        while at < len(spans) and base < end:
            text, style = spans[at]
            part = text[max(start - base, 0) : end - base]
            if part:
                parts.append(Span(part, style))
            base += len(text)
            at += 1
        yield tuple(parts)


def folded(spans: Spans, width: int) -> list[Spans]:
    """The spans cut into rows of at most `width` cells, as a terminal folds a long line."""
    if width_of(spans) <= width:
        return [spans]
    rows: list[list[Span]] = [[]]
    left = width
    for text, style in spans:
        for piece in _chopped(text, left, width):
            taken = cells(piece)
            if taken > left:
                rows.append([])
                left = width
            rows[-1].append(Span(piece, style))
            left -= taken
    return [row for row in rows if row]


def _chopped(text: str, first: int, width: int) -> Iterator[str]:
    """The text in pieces that fit: the first into what is left of a row, the others into rows."""
    if text.isascii():
        yield text[:first]
        for at in range(first, len(text), width):
            yield text[at : at + width]
        return
    from rich.cells import split_graphemes

    start, left, end = 0, first, 0
    for begin, finish, taken in split_graphemes(text)[0]:
        if taken > left and begin > start:
            yield text[start:begin]
            start, left = begin, width
        left -= taken
        end = finish
    yield text[start:end] if end >= len(text) else text[start:]
