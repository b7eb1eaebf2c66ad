"""A whole session: the turns of all of its branches, each of them once.

Two branches share a turn if all the turns up to it are the same on both, with the same messages. A
branch that repeats messages after a turn of its own, as one with summed-up turns does, repeats
them in another context, and so has these turns itself.
"""

from collections.abc import Iterator
from typing import NamedTuple

from convo.branches import branches, heads
from convo.history import transcript
from convo.history.transcript import WholeTurns
from convo.items.decoding import Unreadable
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER

_Turn = tuple[int, int, int]
"""Tells a turn from every other: its first and its last message, and the number of messages."""


class WholeLine(NamedTuple):
    """The turns of a branch that no older branch has.

    They follow the turn `after`, which is a turn of the line of `parent`; both are None if nothing
    goes before them. `numbers` has the numbers of the turns on the branch, in order.
    """

    branch_id: str
    parent: str | None
    after: int | None
    numbers: tuple[int, ...]
    turns: WholeTurns


class WholeSession(NamedTuple):
    """All turns of a session; the lines are in the order of the branches, the oldest first."""

    session_id: str
    current: str
    lines: tuple[WholeLine, ...]


class _Traced(NamedTuple):
    branch_id: str
    after: tuple[str, int] | None
    numbers: tuple[int, ...]


def read(
    tx: Transaction, session_id: str, current: str | None, unreadable: Unreadable
) -> WholeSession:
    """The whole session; `current`, or else the head's branch, is its current branch."""
    return WholeSession(
        session_id,
        current or heads.of_session(tx, session_id).branch_id,
        tuple(_read_line(tx, session_id, line, unreadable) for line in _lines(tx, session_id)),
    )


def origins(tx: Transaction, session_id: str, branch_id: str) -> dict[int, tuple[str, int]]:
    """For each turn of a branch, the oldest branch that has it, and its number there."""
    lines = {line.branch_id: line for line in _lines(tx, session_id)}
    found: dict[int, tuple[str, int]] = {}
    place: tuple[str, int] | None = (branch_id, MAX_INTEGER)
    while place is not None:
        name, last = place
        found |= {number: (name, number) for number in lines[name].numbers if number <= last}
        place = lines[name].after
    return found


def _read_line(
    tx: Transaction, session_id: str, line: _Traced, unreadable: Unreadable
) -> WholeLine:
    parent, after = line.after or (None, None)
    if line.numbers:
        first, last = line.numbers[0] or None, line.numbers[-1]
        turns = transcript.read(tx, session_id, line.branch_id, first, last, unreadable)
    else:
        turns = WholeTurns({}, {}, unreadable)
    return WholeLine(line.branch_id, parent, after, line.numbers, turns)


def _lines(tx: Transaction, session_id: str) -> Iterator[_Traced]:
    """The lines of all branches, the oldest first."""
    found: dict[tuple[int, _Turn], int] = {}
    owners: list[tuple[str, int]] = []
    for row in branches.listed(tx, session_id):
        place = -1
        numbers: list[int] = []
        after: tuple[str, int] | None = None
        for number, turn in _turns(tx, session_id, row.branch_id):
            known = found.get((place, turn)) if not numbers else None
            if known is not None:
                place, after = known, owners[known]
                continue
            owners.append((row.branch_id, number))
            found[place, turn] = len(owners) - 1
            place = len(owners) - 1
            numbers.append(number)
        yield _Traced(row.branch_id, after, tuple(numbers))


def _turns(tx: Transaction, session_id: str, branch_id: str) -> Iterator[tuple[int, _Turn]]:
    rows = tx.each("turns_of_branch", session_id=session_id, branch_id=branch_id)
    for number, first, last, count in rows:
        if isinstance(number, int):
            yield number, (first, last, count)
