"""Cuts the branches of a session into segments: runs of turns between which it forks.

The page shows a branch as the segments from the beginning to the one where the branch ends.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote

from convo.history.lines import WholeLine

ROOT = ""
"""Stands for the beginning of the session, before every segment."""


class Segment(NamedTuple):
    """Turns of one line without a fork between them.

    `up` is the id of the segment that it follows, or `ROOT`. `branch` is the place of its line.
    """

    id: str
    up: str
    branch: int
    numbers: tuple[int, ...]
    is_first: bool


class Outline(NamedTuple):
    """The segments of each line, and for each branch the id of the segment where it ends.

    `forks` has what may follow a segment: the segments and the branches without turns of their
    own that end there.
    """

    segments: list[list[Segment]]
    ends: list[str]
    forks: "dict[str, Fork]"


class Fork(NamedTuple):
    """What follows a segment: other segments, and the branches that have no turns after it."""

    next: list[Segment]
    ending: list[int]

    @property
    def is_one(self) -> bool:
        """Whether there is something to choose from."""
        return len(self.next) > 1 or bool(self.ending)


def outline(lines: Sequence[WholeLine]) -> Outline:
    """The outline of a session."""
    cuts: dict[str, set[int]] = {line.branch_id: set() for line in lines}
    for line in lines:
        if line.parent is not None and line.after is not None:
            cuts[line.parent].add(line.after)
    segments: list[list[Segment]] = []
    places = {line.branch_id: place for place, line in enumerate(lines)}
    ends: list[str] = []
    forks: dict[str, Fork] = {}
    count = 0
    for place, line in enumerate(lines):
        up = ROOT
        if line.parent is not None and line.after is not None:
            up = _with_turn(segments[places[line.parent]], line.after)
        own: list[Segment] = []
        for numbers in _runs(line.numbers, cuts[line.branch_id]):
            segment = Segment(f"s{count}", up, place, numbers, not own)
            forks.setdefault(up, Fork([], [])).next.append(segment)
            own.append(segment)
            up, count = segment.id, count + 1
        if not own and line.parent is not None:
            forks.setdefault(up, Fork([], [])).ending.append(place)
        segments.append(own)
        ends.append(up)
    return Outline(segments, ends, forks)


def _runs(numbers: tuple[int, ...], cuts: set[int]) -> list[tuple[int, ...]]:
    found, begin = [], 0
    for cut in sorted(cuts):
        end = bisect_left(numbers, cut) + 1
        found.append(numbers[begin:end])
        begin = end
    return [run for run in (*found, numbers[begin:]) if run]


def _with_turn(segments: list[Segment], number: int) -> str:
    return next((each.id for each in segments if each.numbers[-1] == number), ROOT)


def branch_anchor(name: str) -> str:
    """The id of a branch on the page; no other id has a colon."""
    return f"branch:{_quoted(name)}"


def turn_prefix(name: str) -> str:
    """The beginning of the ids of a branch's turns; the first branch has none: `#turn-3`."""
    return f"{_quoted(name)}."


def _quoted(name: str) -> str:
    return quote(name, safe="", errors="surrogatepass")
