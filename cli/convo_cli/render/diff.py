"""Shows two branches side by side, from where they diverge."""

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any

from convo.history.comparison import Comparison
from convo.history.transcript import TranscriptTurn
from convo_cli.render.data import shapes
from convo_cli.render.data.rows import Row
from convo_cli.render.data.transcript_rows import flat_rows, turn_rows
from convo_cli.render.listings import preview
from convo_cli.render.sections import Section, sections, title_of
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.spans import Span, Spans, drawn, width_of, wrapped
from convo_cli.render.terminal.text import one_line, safe

DIFF_KEYS = tuple(shapes.DIFF)
DIFF_FLAT_KEYS = tuple(shapes.FLAT_DIFF)

_BOLD, _DIM, _PLAIN = "1", "2", ""
_NARROWEST = 30
"""The narrowest column in cells; otherwise the branches are shown one below the other."""


def diff_row(found: Comparison) -> Row:
    """The comparison, by `DIFF_KEYS`; the number of the common turn is null if there is none.

    The rows of the turns are made lazily.
    """
    values: list[Any] = [found.a, found.b, found.relation]
    values += [found.common_turn_a or None, found.common_turn_b or None]
    values += [turn_rows(found.turns_a), turn_rows(found.turns_b)]
    return dict(zip(DIFF_KEYS, values, strict=True))


def diff_flat_rows(found: Comparison) -> Iterator[Row]:
    """The items that the branches do not share, by `DIFF_FLAT_KEYS`."""
    for branch, turns in ((found.a, found.turns_a), (found.b, found.turns_b)):
        for row in flat_rows(turns):
            yield {"branch": branch, **row}


def in_words(found: Comparison) -> str:
    """The relation of the branches, in one sentence."""
    a, b = f"'{one_line(found.a)}'", f"'{one_line(found.b)}'"
    turn = found.common_turn_a
    match found.relation:
        case "same":
            return f"{a} and {b} are the same"
        case "a_ends":
            return f"{b} goes on where {a} ends, after turn {turn}" if turn else f"{a} has no turns"
        case "b_ends":
            return f"{a} goes on where {b} ends, after turn {turn}" if turn else f"{b} has no turns"
        case "unrelated":
            return f"{a} and {b} have no turn in common"
        case _ if turn != found.common_turn_b:
            other = f"turn {found.common_turn_b} of {b}"
            return f"{a} and {b} part after turn {turn} of {a}, which is {other}"
        case _:
            return f"{a} and {b} part after turn {turn}"


def side_by_side(found: Comparison, look: Look) -> Iterator[str]:
    """The lines of the comparison: two columns, or one below the other on a narrow terminal."""
    yield f"{in_words(found)}\n"
    both = [(found.a, found.turns_a), (found.b, found.turns_b)]
    bar = " │ " if look.unicode else " | "
    width = (look.width - len(bar)) // 2
    if width < _NARROWEST or not (found.turns_a and found.turns_b):
        for branch, turns in both:
            if turns:
                yield "\n"
                yield from _below(branch, turns, look)
        return
    yield "\n"
    for number, (left, right) in enumerate(_beside(found, width, look)):
        if number:
            cross = "─┼─" if look.unicode else "-+-"
            yield _line((Span(look.rule * width + cross + look.rule * width, _DIM),), look)
        for one, other in zip_longest(left, right, fillvalue=()):
            yield _line((*_filled(one, width), Span(bar, _DIM), *other), look)


def _beside(found: Comparison, width: int, look: Look) -> Iterator[tuple[list[Spans], list[Spans]]]:
    """The lines of both columns: first their titles, then turn by turn."""
    yield [_title(found.a, width, look)], [_title(found.b, width, look)]
    for a, b in zip_longest(found.turns_a, found.turns_b):
        yield _turn(a, width, look), _turn(b, width, look)


def _below(branch: str, turns: Iterable[TranscriptTurn], look: Look) -> Iterator[str]:
    yield _line(_title(branch, look.width, look), look)
    for turn in turns:
        yield _line((Span(look.rule * look.width, _DIM),), look)
        yield from (_line(spans, look) for spans in _turn(turn, look.width, look))


def _title(branch: str, width: int, look: Look) -> Spans:
    return wrapped((Span(one_line(branch), _BOLD),), width)[0]


def _turn(turn: TranscriptTurn | None, width: int, look: Look) -> list[Spans]:
    """A turn as lines of a column; tool calls and outputs are shortened to one line each."""
    if turn is None:
        return []
    lines = wrapped((Span(title_of(turn), _BOLD),), width)
    for section in sections(turn):
        lines += _section(section, width, look)
    return lines


def _section(section: Section, width: int, look: Look) -> list[Spans]:
    names = "".join(f"\n[attachment: {one_line(name)}]" for name in section.attachments)
    if section.kind not in {"user", "assistant", "system"}:
        back = section.kind == "tool_output"
        arrow = ("←" if back else "→") if look.unicode else ("<-" if back else "->")
        mark = section.title.lower() if section.kind in {"reasoning", "handoff"} else arrow
        said = " ".join(filter(None, [mark, one_line(section.name), preview(section.text)]))
        return wrapped((Span(said, _DIM),), width)[:1]
    mark = "> " if section.kind == "user" else ""
    lines: list[Spans] = []
    for text in (safe(section.text) + names).strip("\n").expandtabs(4).split("\n"):
        for spans in wrapped((Span(text, _PLAIN),), width - len(mark)) or [()]:
            lines.append((Span(mark, _DIM), *spans) if mark else spans)
    return lines


def _filled(spans: Spans, width: int) -> Spans:
    return (*spans, Span(" " * max(0, width - width_of(spans)), _PLAIN))


def _line(spans: Spans, look: Look) -> str:
    return drawn(spans, colour=look.colour).rstrip() + "\n"
