"""Compare two branches by the messages that they share.

A shared turn may have a different number on each branch.
"""

from collections.abc import Iterable
from itertools import zip_longest
from typing import Literal, NamedTuple

from convo.history import transcript
from convo.history.transcript import WholeTurns
from convo.items.decoding import Unreadable
from convo.storage.transaction import Transaction

Relation = Literal["same", "a_ends", "b_ends", "parted", "unrelated"]


class Comparison(NamedTuple):
    """Two branches: the number of their last shared turn on each, and the turns after it.

    The numbers are 0 if the branches share no turn.
    """

    a: str
    b: str
    common_turn_a: int
    common_turn_b: int
    turns_a: WholeTurns
    turns_b: WholeTurns

    @property
    def relation(self) -> Relation:
        """How the branches relate; `a_ends` means that `b` continues where `a` ends."""
        if not self.turns_a and not self.turns_b:
            return "same"
        if not self.turns_a:
            return "a_ends"
        if not self.turns_b:
            return "b_ends"
        return "parted" if self.common_turn_a else "unrelated"


def compared(
    tx: Transaction, session_id: str, a: str, b: str, unreadable: Unreadable
) -> Comparison:
    """Compare two branches of a session; only the turns that they do not share are read."""
    common = shared(
        tx, session_id, (a, backwards(tx, session_id, a)), (b, backwards(tx, session_id, b))
    )
    turns = [
        transcript.read(tx, session_id, branch, turn + 1 if turn else None, None, unreadable)
        for branch, turn in zip((a, b), common, strict=True)
    ]
    return Comparison(a, b, *common, *turns)


def backwards(tx: Transaction, session_id: str, branch_id: str) -> Iterable[tuple[int, int]]:
    """The ids of the questions of a branch and the numbers of their turns, the last one first."""
    return tx.each("turns_backwards", session_id=session_id, branch_id=branch_id)


def shared(
    tx: Transaction,
    session_id: str,
    a: tuple[str, Iterable[tuple[int, int]]],
    b: tuple[str, Iterable[tuple[int, int]]],
) -> tuple[int, int]:
    """The numbers of the last turn that two branches share with its answer.

    Each branch comes with what `backwards` gives for it.
    """
    common = last_common(a[1], b[1])
    if common != (0, 0) and _parts_within(tx, session_id, (a[0], common[0]), (b[0], common[1])):
        return common[0] - 1, common[1] - 1
    return common


def last_common(a: Iterable[tuple[int, int]], b: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """The numbers of the last turn that two branches share; both are given the last turn first.

    They are read in step, and no further than that turn.
    """
    seen_a: dict[int, int] = {}
    seen_b: dict[int, int] = {}
    for turn_a, turn_b in zip_longest(a, b):
        if turn_a is not None:
            seen_a[turn_a[0]] = turn_a[1]
        if turn_b is not None:
            seen_b[turn_b[0]] = turn_b[1]
        for turn in (turn_a, turn_b):
            if turn is not None and turn[0] in seen_a and turn[0] in seen_b:
                return seen_a[turn[0]], seen_b[turn[0]]
    return 0, 0


def _parts_within(tx: Transaction, session_id: str, *turns: tuple[str, int]) -> bool:
    """Whether two branches have different answers to a question that they share."""
    a, b = (
        {
            row[0]
            for row in tx.rows(
                "items_of_turns", session_id=session_id, branch_id=branch, first=turn, last=turn
            )
        }
        for branch, turn in turns
    )
    return a != b
