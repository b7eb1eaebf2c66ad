"""Several branches beside each other, turn by turn, as a page."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import zip_longest

from convo.history.columns import Column
from convo.history.differences import Change, Piece
from convo.history.transcript import TranscriptTurn
from convo_cli.render.compare import Compared, facts_of, summary
from convo_cli.render.pages.html.frame import Frame
from convo_cli.render.pages.html.images import Pictures
from convo_cli.render.pages.html.turns import article_of, part
from convo_cli.render.sections import Section, sections
from convo_cli.render.terminal.text import one_line, safe
from convo_cli.render.words import Message, Pair

_FRAME = Frame(("page.css", "comparison.css"), ("page.js", "comparison.js"))
_TAGS: dict[Change, str] = {"removed": "del", "added": "ins"}


class ComparisonPage:
    """The page, piece by piece; with `words`, each branch is compared with the first by words.

    `coarse` has the numbers of those turns of which not all texts were compared by words.
    """

    def __init__(self, compared: Compared, *, words: bool = False) -> None:
        self.compared = compared
        self.words = words
        self.coarse: set[int] = set()
        self._pictures = Pictures()
        self._facts = [facts_of(usage) for usage in compared.usage]

    def pieces(self) -> Iterator[str]:
        """The page, a row of turns at a time."""
        columns = self.compared.columns
        names = [f"<bdi>{escape(one_line(column.branch))}</bdi>" for column in columns]
        yield _FRAME.head(escape(one_line(self.compared.session)), "Skip to the turns")
        yield f'<main id="main">\n<p>{escape(self.compared.sentence)}</p>\n'
        yield _table(self.compared)
        yield '<div id="conversation" tabindex="-1">\n<div class="sides names">\n'
        yield "".join(f"<h2>{name}</h2>\n" for name in names) + "</div>\n"
        for place, turns in enumerate(zip_longest(*(column.turns for column in columns))):
            parts = self._parts(place, turns)
            yield '<div class="sides">\n'
            for number, (turn, name) in enumerate(zip(turns, names, strict=True)):
                yield f'<div class="side">\n<p class="of">{name}</p>\n'
                if turn is None:
                    yield '<p class="facts">no turn here</p>\n'
                else:
                    facts = self._facts[number](turn)
                    yield article_of(turn, f"b{number}-", facts, parts[number])
                yield "</div>\n"
            yield "</div>\n"
        yield "</div>\n</main>\n"
        yield _FRAME.end()

    def _parts(self, place: int, turns: Sequence[TranscriptTurn | None]) -> list[str]:
        """The parts of the turns in one place, as HTML."""
        if self.words and len(turns) == 2:
            return self._compared(Pair(*turns))
        shown = []
        for number, (column, turn) in enumerate(zip(self.compared.columns, turns, strict=True)):
            if place < column.shared_turns:
                shown.append(self._same(column, place))
            elif turn is None:
                shown.append("")
            elif self.words and number:
                shown.append(self._compared(Pair(turns[0], turn))[1])
            else:
                shown.append("".join(part(one, self._pictures) for one in sections(turn)))
        return shown

    def _same(self, column: Column, place: int) -> str:
        """A link to the turn of the branch that shows it already."""
        names = [one.branch for one in self.compared.columns]
        number = names.index(column.shared_with or "")
        turn = self.compared.columns[number].turns.numbers[place]
        link = f"#b{number}-turn-{turn}"
        return f'<p><a href="{link}">as on <bdi>{escape(one_line(names[number]))}</bdi></a></p>\n'

    def _compared(self, pair: Pair) -> list[str]:
        """The parts of two turns, with what was removed and what was added marked."""
        old: list[str] = []
        new: list[str] = []
        for message in pair.messages():
            found = message.differences
            if not found.is_whole:
                turn = pair.new or pair.old
                self.coarse.add(0 if turn is None else turn.turn)
            for section, change, parts in (
                (message.old, "removed", old),
                (message.new, "added", new),
            ):
                if section is not None:
                    pieces = None if _is_same(message) else found.pieces
                    parts.append(self._part(section, pieces, change))  # type: ignore[arg-type]
        return ["".join(old), "".join(new)]

    def _part(self, section: Section, pieces: Sequence[Piece] | None, change: Change) -> str:
        if pieces is None:
            return part(section, self._pictures)
        body = "".join(_marked(piece) for piece in pieces if piece.change in {"same", change})
        return part(
            section._replace(attachments=()),
            self._pictures,
            f'<div class="text words" dir="auto">{body}</div>\n',
        )


def _is_same(message: Message) -> bool:
    """Whether both turns have the message, with the same words."""
    return message.old is not None and message.new is not None and message.differences.is_same


def _marked(piece: Piece) -> str:
    text = escape(safe(piece.text))
    tag = _TAGS.get(piece.change)
    return f"<{tag}>{text}</{tag}>" if tag else text


def _table(compared: Compared) -> str:
    """What each branch took."""
    grid = summary(compared)
    numeric = [' class="number"' if column.numeric else "" for column in grid.columns]
    heads = "".join(
        f'<th scope="col"{kind}>{escape(column.title)}</th>'
        for column, kind in zip(grid.columns, numeric, strict=True)
    )
    rows = "".join(
        "<tr>"
        + "".join(f"<td{kind}>{escape(cell)}</td>" for cell, kind in zip(row, numeric, strict=True))
        + "</tr>\n"
        for row in grid.rows
    )
    return f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"
