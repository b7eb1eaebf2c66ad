"""Draws the tree of branches: one turn a line, and one column for each line of turns."""

import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from convo.branches.tree import Tree, TreeBranch, TreeTurn
from convo_cli.render.data import shapes
from convo_cli.render.data.rows import Row
from convo_cli.render.listings import preview
from convo_cli.render.terminal.grid import cells, fitted
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.text import one_line

TREE_KEYS = tuple(shapes.TREE_BRANCH)
_GREEN, _DIM, _PLAIN = "\x1b[32m", "\x1b[2m", "\x1b[0m"
_LONGEST_NAME = 40
_NARROWEST = 20
"""The width of a turn's text that is shown at any depth of the tree, in cells."""


def tree_rows(branches: Iterable[TreeBranch]) -> Iterator[Row]:
    """The branches, by `TREE_KEYS`."""
    for branch in branches:
        yield dict(zip(TREE_KEYS, branch, strict=True))


def drawn(tree: Tree, look: Look) -> Iterator[str]:
    """The lines of the drawing.

    Forks are drawn to the right of the line that they leave, above its continuation. The name of a
    branch is at its end; a branch made from that end continues straight on.
    """
    signs = _UNICODE if look.unicode else _ASCII
    width = look.width if look.is_bounded else sys.maxsize
    name = fitted(one_line(tree.session_id), width, look.ellipsis)
    yield f"{name}{_labels(tree.root.ends, tree.current, look)}"
    waiting = _behind(_Place("", "", (tree.root,), 0), signs)
    while waiting:
        place = waiting.pop()
        yield _shown(place.turn, place.first + signs.turn, tree.current, look)
        if place.turn.hidden:
            more = _dimmed(f"{place.turn.hidden:,} more", look)
            yield f"{place.before}{signs.hidden} {more}"
        waiting += _behind(place, signs)


class _Signs(NamedTuple):
    """The characters of a drawing."""

    turn: str
    line: str
    fork: str
    hidden: str


_UNICODE = _Signs("●", "│ ", "├─", "⋮")
_ASCII = _Signs("*", "| ", "|-", ":")


class _Place(NamedTuple):
    """A turn to be drawn, with the prefixes of its line and of the lines after it."""

    before: str
    first: str
    line: tuple[TreeTurn, ...]
    number: int

    @property
    def turn(self) -> TreeTurn:
        """The turn itself."""
        return self.line[self.number]


def _behind(place: _Place, signs: _Signs) -> list[_Place]:
    """The places drawn after a turn, in reverse order: one line continues straight below it.

    It is the line of the turn itself or, if that ends there, the oldest that begins there.
    """
    before, forks = place.before, place.turn.forks
    goes_on = [_Place(before, before, place.line, place.number + 1)]
    if place.number + 1 == len(place.line):
        goes_on = [_Place(before, before, fork, 0) for fork in forks[:1]]
        forks = forks[1:]
    aside = [_Place(before + signs.line, before + signs.fork, fork, 0) for fork in forks]
    return [*goes_on, *reversed(aside)]


def _shown(turn: TreeTurn, before: str, current: str, look: Look) -> str:
    labels = _labels(turn.ends, current, look)
    if not look.is_bounded:
        return f"{before} {turn.turn}{labels}  {one_line(turn.text)}".rstrip()
    head = f"{before} {turn.turn}"
    room = max(look.width - cells(head) - _label_cells(turn.ends, current, look) - 2, _NARROWEST)
    return f"{head}{labels}  {fitted(preview(turn.text), room, look.ellipsis)}".rstrip()


def _labels(ends: Iterable[str], current: str, look: Look) -> str:
    """The names of the branches that end at a turn, a * before the current one."""
    return "".join(f" {_coloured(name, current, look)}" for name in ends)


def _label_cells(ends: Iterable[str], current: str, look: Look) -> int:
    return sum(cells(_label(name, current, look)) + 1 for name in ends)


def _label(name: str, current: str, look: Look) -> str:
    mark = "* " if name == current else ""
    longest = _LONGEST_NAME if look.is_bounded else sys.maxsize
    return f"[{mark}{fitted(one_line(name), longest, look.ellipsis)}]"


def _coloured(name: str, current: str, look: Look) -> str:
    label = _label(name, current, look)
    return f"{_GREEN}{label}{_PLAIN}" if look.colour and name == current else label


def _dimmed(text: str, look: Look) -> str:
    return f"{_DIM}{text}{_PLAIN}" if look.colour else text
