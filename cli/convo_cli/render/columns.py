"""Lays branches out beside each other, turn by turn, or one below the other."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from convo.history.transcript import TranscriptTurn
from convo_cli.render.listings import preview
from convo_cli.render.sections import Section, sections, title_of
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.spans import Span, Spans, drawn, folded, width_of, wrapped
from convo_cli.render.terminal.text import one_line, safe

BOLD, DIM, PLAIN = "1", "2", ""
SPEAKERS = frozenset({"user", "assistant", "system"})
_NARROWEST = 30
"""The narrowest column in cells; otherwise the branches are shown one below the other."""

Facts = Callable[[TranscriptTurn], Sequence[str]]
"""What is said about a turn beside its title."""


def no_facts(turn: TranscriptTurn) -> Sequence[str]:
    """Nothing about a turn but its title."""
    return ()


class Side(NamedTuple):
    """A branch to be laid out: its turns, and what is said about each of them.

    The first `shared_turns` are those of another branch that is shown before it, `shared_with`.
    """

    branch: str
    turns: Iterable[TranscriptTurn]
    facts: Facts = no_facts
    shared_with: str | None = None
    shared_turns: int = 0

    def notes(self) -> "Iterator[tuple[TranscriptTurn, str | None]]":
        """The turns, each with the name of the branch before that shows it already."""
        for place, turn in enumerate(self.turns):
            yield turn, self.shared_with if place < self.shared_turns else None


def laid_out(sides: Sequence[Side], look: Look, *, beside: bool) -> Iterator[str]:
    """The lines of some branches: in columns if they are wanted and the terminal is wide enough."""
    bar = " │ " if look.unicode else " | "
    width = (look.width - len(bar) * (len(sides) - 1)) // len(sides)
    if width < _NARROWEST or not beside:
        yield from _below(sides, look)
        return
    cross = "─┼─" if look.unicode else "-+-"
    rule = line((Span(cross.join([look.rule * width] * len(sides)), DIM),), look)
    yield "\n"
    yield _row([[_title(side, width, look)] for side in sides], width, bar, look)
    for turns in zip_longest(*(side.notes() for side in sides)):
        yield rule
        cells = [
            [] if noted is None else _cell(noted[0], noted[1], side.facts, width, look)
            for noted, side in zip(turns, sides, strict=True)
        ]
        yield _row(cells, width, bar, look)


def _row(cells: Sequence[list[Spans]], width: int, bar: str, look: Look) -> str:
    """The lines of a turn, with the cells of all branches beside each other."""
    lines = []
    for parts in zip_longest(*cells, fillvalue=()):
        spans: list[Span] = []
        for number, part in enumerate(parts):
            if number:
                spans.append(Span(bar, DIM))
            spans += part if number == len(parts) - 1 else _filled(part, width)
        lines.append(line(spans, look))
    return "".join(lines)


def _below(sides: Sequence[Side], look: Look) -> Iterator[str]:
    for side in sides:
        turns = side.notes()
        first = next(turns, None)
        if first is None:
            continue
        yield "\n"
        yield line(_title(side, look.width, look), look)
        while first is not None:
            yield line((Span(look.rule * look.width, DIM),), look)
            for spans in _turn(first[0], first[1], side.facts, look.width, look):
                yield line(spans, look)
            first = next(turns, None)


def _title(side: Side, width: int, look: Look) -> Spans:
    return wrapped((Span(one_line(side.branch), BOLD),), width)[0]


def _cell(
    turn: TranscriptTurn, same_as: str | None, facts: Facts, width: int, look: Look
) -> list[Spans]:
    """A turn as lines that are not wider than a column: a long word would move the next one."""
    return [
        row
        for spans in _turn(turn, same_as, facts, width, look)
        for row in folded(spans, width) or [()]
    ]


def _turn(
    turn: TranscriptTurn, same_as: str | None, facts: Facts, width: int, look: Look
) -> list[Spans]:
    """A turn as lines of a column; tool calls and outputs are shortened to one line each."""
    lines = heading(turn, facts, width, look)
    if same_as is not None:
        return [*lines, *wrapped((Span(f"(as on '{one_line(same_as)}')", DIM),), width)]
    for section in sections(turn):
        lines += _section(section, width, look)
    return lines


def heading(turn: TranscriptTurn, facts: Facts, width: int, look: Look) -> list[Spans]:
    """The title of a turn, and what is said about it."""
    dot = " · " if look.unicode else ", "
    about = "".join(f"{dot}{one_line(fact)}" for fact in facts(turn))
    return wrapped((Span(title_of(turn), BOLD), *([Span(about, DIM)] if about else [])), width)


def _section(section: Section, width: int, look: Look) -> list[Spans]:
    if section.kind not in SPEAKERS:
        said = " ".join(filter(None, [*marks(section, look), preview(section.text)]))
        return wrapped((Span(said, DIM),), width)[:1]
    mark = "> " if section.kind == "user" else ""
    lines: list[Spans] = []
    text = safe(section.text) + attachments(section)
    for part in text.strip("\n").expandtabs(4).split("\n"):
        for spans in wrapped((Span(part, PLAIN),), width - len(mark)) or [()]:
            lines.append((Span(mark, DIM), *spans) if mark else spans)
    return lines


def marks(section: Section, look: Look) -> list[str]:
    """What stands before the text of a tool call, its output, a handoff or reasoning."""
    back = section.kind == "tool_output"
    arrow = ("←" if back else "→") if look.unicode else ("<-" if back else "->")
    mark = section.title.lower() if section.kind in {"reasoning", "handoff"} else arrow
    return [mark, one_line(section.name)]


def attachments(section: Section) -> str:
    """The names of what is attached to a message, each on a line of its own."""
    return "".join(f"\n[attachment: {one_line(name)}]" for name in section.attachments)


def _filled(spans: Spans, width: int) -> Spans:
    return (*spans, Span(" " * max(0, width - width_of(spans)), PLAIN))


def line(spans: Spans, look: Look) -> str:
    """Spans as a line."""
    return drawn(spans, colour=look.colour).rstrip() + "\n"
