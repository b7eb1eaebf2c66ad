"""Compare several branches, from where the first of them parts from the others."""

from collections.abc import Sequence
from typing import NamedTuple

from convo.history import transcript
from convo.history.comparison import backwards, shared
from convo.history.transcript import WholeTurns
from convo.items.decoding import Unreadable
from convo.storage.transaction import Transaction


class Column(NamedTuple):
    """One of several branches: its turns after the last one that all of the branches share.

    `common_turn` is the number of that turn on the branch, 0 if there is none. The first
    `shared_turns` of `turns` are also turns of `shared_with`, a branch before this one.
    """

    branch: str
    common_turn: int
    turns: WholeTurns
    shared_with: str | None = None
    shared_turns: int = 0


def columns(
    tx: Transaction, session_id: str, branches: Sequence[str], unreadable: Unreadable
) -> list[Column]:
    """Compare branches of a session; only the turns that not all of them share are read."""
    lines = [(branch, list(backwards(tx, session_id, branch))) for branch in branches]
    common: dict[tuple[int, int], tuple[int, int]] = {
        (one, other): shared(tx, session_id, lines[one], lines[other])
        for other in range(len(lines))
        for one in range(other)
    }
    # What all share, the first shares with each, and there with a number of its own.
    others = range(1, len(lines))
    last = min((common[0, other][0] for other in others), default=0)
    numbers = [last] + [last - common[0, other][0] + common[0, other][1] for other in others]
    found: list[Column] = []
    for place, (branch, number) in enumerate(zip(branches, numbers, strict=True)):
        number = number if last else 0
        first = number + 1 if number else None
        turns = transcript.read(tx, session_id, branch, first, None, unreadable)
        column = Column(branch, number, turns)
        for before in range(place):
            until = common[before, place][1]
            count = sum(turn <= until for turn in turns.numbers) if until else 0
            if count > column.shared_turns:
                column = column._replace(shared_with=branches[before], shared_turns=count)
        found.append(column)
    return found
