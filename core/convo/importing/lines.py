"""Divides the tree of a conversation's turns into lines: each becomes a branch."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar


class Node(Protocol):
    """A turn, and the id of the turn that it follows."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def parent(self) -> str | None:
        """The id of the turn before it."""
        ...


T = TypeVar("T", bound=Node)


def lines_of(turns: Sequence[T], last: str | None) -> list[list[T]]:
    """The lines of turns, of which parents come before children.

    The first line leads to the turn `last`, or else to the last one. A turn begins a new line if
    the line of its parent has gone on with another turn. A line comes after the one that it leaves.
    """
    if not turns:
        return []
    known = {turn.id: turn for turn in turns}
    first = _up_from(known.get(last or "") or turns[-1], known)
    lines = [first]
    line_of_tail = {first[-1].id: first}
    placed = {turn.id for turn in first}
    for turn in turns:
        if turn.id in placed:
            continue
        line = line_of_tail.pop(turn.parent, None) if turn.parent is not None else None
        if line is None:
            line = []
            lines.append(line)
        line.append(turn)
        line_of_tail[turn.id] = line
    return lines


def _up_from(turn: T, known: dict[str, T]) -> list[T]:
    line = [turn]
    while turn.parent is not None and turn.parent in known:
        turn = known[turn.parent]
        line.append(turn)
    return line[::-1]


def with_ancestors(wanted: Iterable[T], known: dict[str, T], stop: set[str]) -> set[str]:
    """The ids of turns and of their ancestors, up to those in `stop`."""
    found: set[str] = set()
    for turn in wanted:
        at: T | None = turn
        while at is not None and at.id not in found and at.id not in stop:
            found.add(at.id)
            at = known.get(at.parent) if at.parent is not None else None
    return found
