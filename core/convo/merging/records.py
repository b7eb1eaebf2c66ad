"""The rows of `convo_merges`, and what a merge did, as records."""

from itertools import groupby
from typing import Any, NamedTuple, get_args

from convo.records import Kind, Merged
from convo.storage.transaction import Transaction
from convo.storage.values import text

_KINDS = get_args(Kind)


class Act(NamedTuple):
    """One merge or squash, as the columns of its row; the schema describes them."""

    id: int
    kind: Kind
    anchor: int
    last_row: int
    before_row: int | None
    source_branch_id: str | None
    source_anchor: int | None
    source_row: int | None
    first_turn: int
    last_turn: int
    replaced_id: int | None
    undone_id: int | None

    @property
    def merged(self) -> Merged:
        """What it did, for users."""
        return Merged(self.kind, self.source_branch_id, self.first_turn, self.last_turn)


class Row(NamedTuple):
    """A row of the structure, to be copied."""

    id: int
    message_id: int
    message_type: str
    turn: int
    sequence: int


def act_of(row: Any) -> Act | None:
    """The act in a row of a query; None if there is no row, or it is damaged."""
    if row is None or row[1] not in _KINDS:
        return None
    return Act._make(row)


def rows_of(tx: Transaction, session_id: str, branch_id: str, first: int, last: int) -> list[Row]:
    """The rows of the turns from `first` to `last`, in order."""
    where = {"session_id": session_id, "branch_id": branch_id, "first": first, "last": last}
    return [Row._make(row) for row in tx.rows("rows_of_turns", **where)]


def enter(
    tx: Transaction,
    session_id: str,
    merged: Merged,
    made: tuple[int, int],
    source: tuple[int | None, int | None],
    *,
    before_row: int | None = None,
    replaced_id: int | None = None,
) -> None:
    """Record what a merge or squash did.

    `made` are the first and the last row that it put on the branch, `source` those that they were
    made of.
    """
    tx.execute(
        "enter_merge",
        session_id=session_id,
        kind=merged.kind,
        anchor=made[0],
        last_row=made[1],
        before_row=before_row,
        source_branch_id=merged.source,
        source_anchor=source[0],
        source_row=source[1],
        first_turn=merged.first,
        last_turn=merged.last,
        replaced_id=replaced_id,
    )


def of_branch(tx: Transaction, session_id: str, branch_id: str) -> dict[int, Merged]:
    """The turns of a branch that were merged or squashed, each with what it is made of.

    Turns that were copied one by one have the number that theirs had.
    """
    found: dict[int, Merged] = {}
    rows = tx.rows("merges_of_branch", session_id=session_id, branch_id=branch_id)
    for _, of_act in groupby(rows, key=lambda row: row[0]):
        for nth, (_, turn, kind, source, first, last) in enumerate(of_act):
            if kind in _KINDS and all(type(number) is int for number in (turn, first, last)):
                span = (first + nth, first + nth) if kind == "picked" else (first, last)
                found[turn] = Merged(kind, text(source), *span)
    return found
