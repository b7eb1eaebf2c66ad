"""The whole page: its head, its navigation, the usage, and the turns of every branch."""

from collections.abc import Iterator
from html import escape

from convo.history.lines import WholeLine, WholeSession
from convo.history.transcript import WholeTurns
from convo_cli.render.pages.html.frame import Frame
from convo_cli.render.pages.html.images import Pictures
from convo_cli.render.pages.html.segments import (
    ROOT,
    Fork,
    Outline,
    Segment,
    branch_anchor,
    outline,
    turn_prefix,
)
from convo_cli.render.pages.html.turns import article
from convo_cli.render.pages.html.usage import Costs, usage
from convo_cli.render.terminal.text import counted, one_line

_FRAME = Frame(("page.css",), ("page.js", "branches.js", "tree.js", "search.js", "start.js"))


def branch_page(
    turns: WholeTurns, branch_id: str, title: str, costs: Costs | None = None
) -> Iterator[str]:
    """One branch as a page, piece by piece."""
    line = WholeLine(branch_id, None, None, turns.numbers, turns)
    return session_page(WholeSession("", branch_id, (line,)), title, costs)


def session_page(session: WholeSession, title: str, costs: Costs | None = None) -> Iterator[str]:
    """All branches of a session as a page, piece by piece."""
    return _Page(session, title, costs or {}).pieces()


class _Page:
    def __init__(self, session: WholeSession, title: str, costs: Costs) -> None:
        self.costs = costs
        self.session = session
        self.lines = session.lines
        self.title = escape(one_line(title))
        self._places = {line.branch_id: place for place, line in enumerate(session.lines)}
        self.outline: Outline = outline(session.lines)
        self.pictures = Pictures()
        self.has_branches = len(self.lines) > 1

    def pieces(self) -> Iterator[str]:
        """The page, a turn at a time."""
        yield _FRAME.head(self.title, "Skip to the conversation")
        yield self._navigation()
        yield '<main id="main">\n'
        prefixes = [self._prefix(place) for place in range(len(self.lines))]
        yield from usage(self.lines, prefixes, self.costs)
        current = escape(branch_anchor(self.session.current))
        yield f'<div id="conversation" tabindex="-1" data-current="{current}">\n'
        if (fork := self.outline.forks.get(ROOT)) is not None and len(fork.next) > 1:
            yield self._fork(fork, "The session forks before its first turn:")
        for place, line in enumerate(self.lines):
            yield from self._line(place, line)
        yield "</div>\n</main>\n"
        yield _FRAME.end()

    def _navigation(self) -> str:
        """The branches as a list of links, of which the script makes a tree."""
        items = "".join(
            f'<li data-branch="{self._anchor(place)}" data-end="{self.outline.ends[place]}" '
            f'data-after="{self._turn_before(line)}">'
            f'<a href="#{self._anchor(place)}"><bdi>{self._name(place)}</bdi></a> '
            f"<small>{counted(len(_own(line)), 'turn')}</small></li>\n"
            for place, line in enumerate(self.lines)
        )
        return (
            '<nav id="outline" aria-labelledby="outline-title">\n'
            f'<h2 id="outline-title">{"Branches" if self.has_branches else "Turns"}</h2>\n'
            f'<ul id="branches">\n{items}</ul>\n</nav>\n'
        )

    def _line(self, place: int, line: WholeLine) -> Iterator[str]:
        if not line.numbers and line.parent is None:
            name = f"<bdi>{self._name(place)}</bdi>"
            yield f'<p id="{self._anchor(place)}">Branch {name} has no turns.</p>\n'
        turns, prefix = iter(line.turns), self._prefix(place)
        turn = next(turns, None)
        for segment in self.outline.segments[place]:
            yield self._beginning(segment, line)
            while turn is not None and turn.turn <= segment.numbers[-1]:
                cost = self.costs.get((place, turn.turn))
                yield article(turn, prefix, self.pictures, cost)
                turn = next(turns, None)
            fork = self.outline.forks.get(segment.id)
            if fork is not None and fork.is_one:
                where = f"The conversation forks after {self._turn(place, segment.numbers[-1])}:"
                yield self._fork(fork, where)
            yield "</div>\n"

    def _beginning(self, segment: Segment, line: WholeLine) -> str:
        anchor = self._anchor(segment.branch)
        begin = (
            f'<div class="segment" id="{segment.id}" data-up="{segment.up}" data-of="{anchor}">\n'
        )
        if not segment.is_first:
            return begin
        origin = ""
        if line.parent is not None and line.after is not None:
            parent = self._place(line.parent)
            turn = self._turn(parent, line.after)
            origin = (
                f'<p class="facts">goes on after {turn} of <bdi>{self._name(parent)}</bdi></p>\n'
            )
        name = self._name(segment.branch)
        return f'{begin}<h2 id="{anchor}">Branch <bdi>{name}</bdi></h2>\n{origin}'

    def _fork(self, fork: Fork, where: str) -> str:
        """What one can go on with at a fork; a script links to each beside the first."""
        options = [
            f'<li data-branch="{self._anchor(segment.branch)}">'
            f'<a href="#{self._turn_anchor(segment.branch, segment.numbers[0])}">'
            f"<bdi>{self._name(segment.branch)}</bdi></a> "
            f"goes on with {_turn_or_beginning(segment.numbers[0])}</li>\n"
            for segment in fork.next
        ]
        options += [
            f'<li id="{self._anchor(place)}" data-branch="{self._anchor(place)}">'
            f'<a href="#{self._anchor(place)}"><bdi>{self._name(place)}</bdi></a> ends here</li>\n'
            for place in fork.ending
        ]
        return f'<div class="fork">\n<p>{where}</p>\n<ul>\n{"".join(options)}</ul>\n</div>\n'

    def _turn(self, place: int, number: int) -> str:
        """A link to a turn."""
        words = _turn_or_beginning(number)
        return f'<a href="#{self._turn_anchor(place, number)}">{words}</a>'

    def _turn_before(self, line: WholeLine) -> str:
        if line.parent is None or line.after is None:
            return ""
        return self._turn_anchor(self._place(line.parent), line.after)

    def _turn_anchor(self, place: int, number: int) -> str:
        return f"{self._prefix(place)}turn-{number}"

    def _prefix(self, place: int) -> str:
        return escape(turn_prefix(self.lines[place].branch_id)) if place else ""

    def _anchor(self, place: int) -> str:
        return escape(branch_anchor(self.lines[place].branch_id))

    def _name(self, place: int) -> str:
        return escape(one_line(self.lines[place].branch_id))

    def _place(self, branch_id: str) -> int:
        return self._places[branch_id]


def _turn_or_beginning(number: int) -> str:
    return f"turn {number}" if number > 0 else "the beginning"


def _own(line: WholeLine) -> list[int]:
    """The numbers of its turns, without what comes before the first."""
    return [number for number in line.numbers if number > 0]
