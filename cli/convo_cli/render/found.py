"""Shows the results of a search: the place of each, and an excerpt with the words marked."""

import re
import sys
from collections.abc import Iterator, Sequence
from shlex import quote
from typing import NamedTuple

from convo.records import Found
from convo_cli.render.data import shapes
from convo_cli.render.data.rows import Row
from convo_cli.render.listings import when
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.spans import Span, Spans, drawn, span, wrapped
from convo_cli.render.terminal.text import one_line

FOUND_KEYS = tuple(shapes.FOUND)

_LENGTH = 240
"""The approximate length of an excerpt, in characters."""

_BEFORE = 60
"""The number of characters before the first matching word."""

_INDENT = "    "
_PLACE, _ASIDE, _MARK = "36", "2", "1;4"
_SPACE = re.compile(r"\s+")


class Piece(NamedTuple):
    """A part of an excerpt, on one line; `is_marked` if it matches."""

    text: str
    is_marked: bool


def found_row(hit: Found) -> Row:
    """One found message, by `FOUND_KEYS`."""
    return {
        "session": hit.session_id,
        "branch": hit.branch_id,
        "turn": hit.turn,
        "role": hit.role,
        "excerpt": "".join(f"«{text}»" if marked else text for text, marked in excerpt(hit)),
        "text": hit.text,
        "created_at": hit.created_at,
    }


def drawn_found(hits: Sequence[Found], look: Look, *, numbered: bool = False) -> str:
    """All results, for a user: a line with the place, and the excerpt below it."""
    return "\n".join(
        "".join(f"{line}\n" for line in _lines(hit, look, number if numbered else None))
        for number, hit in enumerate(hits, 1)
    )


def shown_by(hit: Found) -> str:
    """The commands that lead to a message."""
    place = f"{hit.turn} -s {quote(hit.session_id)} -b {quote(hit.branch_id)}"
    branching = f"; `convo branch --turn {place}` branches there" if hit.turn else ""
    return f"`convo show {place}` shows the first{branching}"


def excerpt(hit: Found) -> list[Piece]:
    """The part of a text with as many of the words close together as possible."""
    begin = _begin(hit)
    start, end = _window(hit.text, begin)
    pieces = [Piece("…", False)] if start else []
    at = start
    for first, last in hit.spans:
        if start <= first < end:
            pieces.append(Piece(hit.text[at:first], False))
            at = min(last, end)
            pieces.append(Piece(hit.text[first:at], True))
    pieces.append(Piece(hit.text[at:end], False))
    if end < len(hit.text):
        pieces.append(Piece("…", False))
    return _on_one_line(pieces)


def _begin(hit: Found) -> int:
    """The offset of the word that is followed by most others within an excerpt."""
    starts = [first for first, _ in hit.spans]

    def company(number: int) -> int:
        near = starts[number] + _LENGTH - _BEFORE
        return sum(start < near for start in starts[number : number + _LENGTH])

    return starts[max(range(min(len(starts), _LENGTH)), key=company)]


def _window(text: str, begin: int) -> tuple[int, int]:
    """The range of a text that is shown: whole words, if it has any."""
    start = max(0, begin - _BEFORE)
    if start:
        gap = _SPACE.search(text, start, begin)
        start = gap.end() if gap else start
    end = min(len(text), start + _LENGTH)
    if end < len(text):
        shorter = max(text.rfind(" ", begin + _BEFORE, end), text.rfind("\n", begin + _BEFORE, end))
        end = shorter if shorter > 0 else end
    return start, end


def _on_one_line(pieces: Sequence[Piece]) -> list[Piece]:
    flat = [Piece(_SPACE.sub(" ", text), marked) for text, marked in pieces]
    flat[0] = flat[0]._replace(text=flat[0].text.lstrip())
    flat[-1] = flat[-1]._replace(text=flat[-1].text.rstrip())
    return [piece for piece in flat if piece.text]


def _lines(hit: Found, look: Look, number: int | None) -> Iterator[str]:
    who = "prompt" if hit.role == "user" else "answer"
    place: Spans = [
        Span("" if number is None else f"{number}  "),
        Span(f"{one_line(hit.session_id)}  {one_line(hit.branch_id)}", _PLACE),
        Span(f"  turn {hit.turn}  {who}  {when(hit.created_at)}", _ASIDE),
    ]
    width = look.width if look.is_bounded else sys.maxsize
    for line in wrapped(place, width):
        yield drawn(line, colour=look.colour)
    said = [shown for piece in excerpt(hit) for shown in _marked(piece, look)]
    for line in wrapped(said, max(width - len(_INDENT), 1)):
        yield _INDENT + drawn(line, colour=look.colour)


def _marked(piece: Piece, look: Look) -> list[Span]:
    text = piece.text if look.unicode else piece.text.replace("…", look.ellipsis)
    if not piece.is_marked or look.colour:
        return [span(text, _MARK if piece.is_marked else "")]
    opening, closing = ("«", "»") if look.unicode else ("[", "]")
    return [span(f"{opening}{text}{closing}")]
