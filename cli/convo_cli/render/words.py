"""Shows how the messages of two branches differ, word by word."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import NamedTuple

from convo.history.alignment import aligned
from convo.history.comparison import Comparison
from convo.history.differences import Change, Differences, Piece, differences
from convo.history.transcript import TranscriptTurn
from convo_cli.render.columns import BOLD, DIM, SPEAKERS, Facts, attachments, line, marks
from convo_cli.render.data import compared_shapes
from convo_cli.render.data.rows import Row
from convo_cli.render.diff import in_words
from convo_cli.render.sections import Section, sections, title_of
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.spans import Span, Spans, wrapped
from convo_cli.render.terminal.text import one_line, safe

WORDS_KEYS = tuple(compared_shapes.DIFF_WORDS)
WORD_KEYS = tuple(compared_shapes.WORD)

_STYLES: dict[Change, str] = {"same": "", "removed": "31", "added": "32;4"}
_MARKS: dict[Change, tuple[str, str]] = {
    "same": ("", ""),
    "removed": ("[-", "-]"),
    "added": ("{+", "+}"),
}
_AROUND = 3
"""Lines that are shown at both ends of those that are the same in both texts."""
_FEWEST_HIDDEN = 4


class Message(NamedTuple):
    """A message, call or output of two turns, and how the texts differ.

    It is None where only the other turn has it.
    """

    old: Section | None
    new: Section | None

    @property
    def section(self) -> Section:
        """The one that there is."""
        found = self.new or self.old
        assert found is not None
        return found

    @property
    def differences(self) -> Differences:
        """How the texts differ."""
        return _compared(_text(self.old), _text(self.new))


class Pair(NamedTuple):
    """The turns of two branches in the same place after those that they share."""

    old: TranscriptTurn | None
    new: TranscriptTurn | None

    def messages(self) -> Iterator[Message]:
        """The messages of both turns: those of the same kind, and the same tool, are compared."""
        old = [] if self.old is None else list(sections(self.old))
        new = [] if self.new is None else list(sections(self.new))
        numbers: dict[tuple[str, str], int] = {}
        keys = [
            [numbers.setdefault((one.kind, one.name), len(numbers)) for one in part]
            for part in (old, new)
        ]
        a = b = 0
        for run in aligned(*keys).runs:
            yield from (Message(one, None) for one in old[a : run.a])
            yield from (Message(None, one) for one in new[b : run.b])
            a, b = run.a + run.length, run.b + run.length
            yield from map(Message, old[run.a : a], new[run.b : b])
        yield from (Message(one, None) for one in old[a:])
        yield from (Message(None, one) for one in new[b:])


def pairs(found: Comparison) -> Iterator[Pair]:
    """The turns that the branches do not share, side by side."""
    return (Pair(old, new) for old, new in zip_longest(found.turns_a, found.turns_b))


class WordDifferences:
    """The differences of two branches by words, as lines or as rows.

    `coarse` has the numbers of those turns of which not all texts were compared by words.
    """

    def __init__(self, found: Comparison, facts: Sequence[Facts]) -> None:
        self._found = found
        self._facts = facts
        self.coarse: set[int] = set()

    def lines(self, look: Look) -> Iterator[str]:
        """The lines: with colours, or with the marks of `git diff --word-diff`."""
        yield f"{in_words(self._found)}\n"
        if self._found.relation != "same":
            yield "\n"
            yield from self.turns(look)

    def turns(self, look: Look) -> Iterator[str]:
        """The lines of the turns, below what the colours or marks stand for."""
        if self._found.relation == "same":
            return
        names: list[tuple[Change, str]] = [
            ("removed", one_line(self._found.a)),
            ("added", one_line(self._found.b)),
        ]
        legend = [span for name in names for span in (*_styled(*name, look), Span(" "))]
        yield line(legend, look)
        for pair in pairs(self._found):
            yield "\n"
            yield from _wrapped(self._heading(pair, look), look)
            for message in pair.messages():
                yield from self._message(pair, message, look)

    @property
    def names(self) -> Row:
        """The names of the branches."""
        return {"a": self._found.a, "b": self._found.b}

    def rows(self) -> Iterator[Row]:
        """The pieces of all messages, by `WORD_KEYS`."""
        for pair in pairs(self._found):
            where: Row = {
                "turn_a": None if pair.old is None else pair.old.turn,
                "turn_b": None if pair.new is None else pair.new.turn,
            }
            for number, message in enumerate(pair.messages(), 1):
                found = self._differences(pair, message)
                one = message.section
                about = {**where, "message": number, "kind": one.kind, "tool": one.name or None}
                for change, text in found.pieces:
                    yield {**about, "change": change, "text": text}

    def row(self) -> Row:
        """Everything, by `WORDS_KEYS`; the pieces are made lazily."""
        found = self._found
        values = [found.a, found.b, found.relation]
        common = [found.common_turn_a or None, found.common_turn_b or None]
        return dict(zip(WORDS_KEYS, [*values, *common, self.rows()], strict=True))

    def _differences(self, pair: Pair, message: Message) -> Differences:
        found = message.differences
        if not found.is_whole:
            turn = pair.new or pair.old
            self.coarse.add(0 if turn is None else turn.turn)
        return found

    def _heading(self, pair: Pair, look: Look) -> Spans:
        both = [(pair.old, self._found.a), (pair.new, self._found.b)]
        there = [(turn, branch) for turn, branch in both if turn is not None]
        titles = [title_of(turn) for turn, _ in there]
        title = titles[0]
        if len(there) == 1:
            title += f", only on '{one_line(there[0][1])}'"
        elif titles[0] != titles[1]:
            title += f", which is {titles[1].lower()} of '{one_line(there[1][1])}'"
        spans = [Span(title, BOLD)]
        dot = " · " if look.unicode else ", "
        changes: tuple[Change, Change] = ("removed", "added")
        for (turn, _), facts, change in zip(both, self._facts, changes, strict=True):
            if turn is not None and (about := dot.join(map(one_line, facts(turn)))):
                spans += [Span(dot, DIM), *_styled(change, about, look)]
        return spans

    def _message(self, pair: Pair, message: Message, look: Look) -> Iterator[str]:
        found = self._differences(pair, message)
        section = message.section
        begin = ""
        if section.kind == "user":
            begin = "> "
        elif section.kind not in SPEAKERS:
            begin = " ".join(filter(None, marks(section, look))) + " "
        for spans in _shortened(_lines(found.pieces, look), look):
            if begin:
                spans = [Span(begin, DIM), *spans]
            yield from _wrapped(spans, look)
            begin = "> " if section.kind == "user" else ""
        if not found.pieces:
            yield line([Span(begin, DIM)], look)
        elif found.is_same and _text(message.old) != _text(message.new):
            yield line([Span("(white space differs)", DIM)], look)


@lru_cache(maxsize=4)
def _compared(old: str, new: str) -> Differences:
    # What fits on the screen is found out before a text is written, so that it is made twice.
    return differences(old, new)


def _text(section: Section | None) -> str:
    return "" if section is None else section.text.strip("\n") + attachments(section)


def _styled(change: Change, text: str, look: Look) -> list[Span]:
    """A text of one line, coloured or marked."""
    if not text or change == "same":
        return [Span(text)]
    if look.colour:
        return [Span(text, _STYLES[change])]
    begin, end = _MARKS[change]
    return [Span(f"{begin}{text}{end}")]


def _lines(pieces: Sequence[Piece], look: Look) -> Iterator[tuple[list[Span], bool]]:
    """The pieces line by line, and whether a line has changed."""
    spans: list[Span] = []
    changed = False
    for change, text in pieces:
        parts = safe(text).replace("\t", "    ").split("\n")
        for number, part in enumerate(parts):
            if number:
                yield spans, changed
                spans, changed = [], False
            spans += _styled(change, part, look)
            # A line that was added or removed as a whole has changed, even if it is empty.
            changed |= change != "same"
    yield spans, changed


def _shortened(lines: Iterable[tuple[list[Span], bool]], look: Look) -> Iterator[list[Span]]:
    """The lines without most of those that are the same in both texts and far from a change."""
    held: list[list[Span]] = []
    for spans, changed in lines:
        if changed:
            yield from _some_of(held, look)
            yield spans
            held = []
        else:
            held.append(spans)
    yield from _some_of(held, look)


def _some_of(held: list[list[Span]], look: Look) -> Iterator[list[Span]]:
    hidden = len(held) - 2 * _AROUND
    if hidden < _FEWEST_HIDDEN:
        yield from held
        return
    yield from held[:_AROUND]
    yield [Span(f"{look.ellipsis} {hidden:,} lines are the same", DIM)]
    yield from held[-_AROUND:]


def _wrapped(spans: Spans, look: Look) -> Iterator[str]:
    """The spans as lines; into a pipe as one, so that a program finds the whole of it."""
    if not look.is_bounded:
        yield line(spans, look)
        return
    for row in wrapped(spans, look.width) or [()]:
        yield line(row, look)
