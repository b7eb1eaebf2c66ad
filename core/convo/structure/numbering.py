"""Number rows and turns: find the next numbers, and renumber a branch with its usage.

The next sequence number is one more than the greatest of the session, which is that of the last
row of some branch. If there are many branches to check, the row with the greatest number is
recorded; rows that other programs have added since have greater ids. The names of all branches are
reserved at that point too, so that only the branches of later rows have to be checked.
"""

from typing import NamedTuple

from convo.storage.transaction import Transaction
from convo.usage import ledger

LIMITS = {"few": 50, "tail": 1_000}
"""With so many branches, checking them all is faster than recording a row; with so many rows after
the recorded one, checking those is faster than checking all branches."""


class Sequence(NamedTuple):
    """The greatest sequence number of a session, 0 if there is none.

    `is_worth_a_note` is whether to record the row that gets the next number. `noted_row` is the
    recorded row, None if there is none or too many rows have been added since.
    """

    last: int
    is_worth_a_note: bool
    noted_row: int | None


def sequence_of(tx: Transaction, session_id: str) -> Sequence:
    """The greatest sequence number in use."""
    return Sequence._make(tx.row("newest_sequence", session_id=session_id, **LIMITS))


def reserve_names(tx: Transaction, session_id: str, branch_id: str, sequence: Sequence) -> None:
    """Reserve a name, and those of all branches, which older SDKs did not reserve.

    `sequence` is the current one of the session.
    """
    where = {"session_id": session_id, "branch_id": branch_id}
    if sequence.noted_row is None:
        tx.execute("reserve_names_and_another", **where)
    else:
        tx.execute("reserve_names_since", row_id=sequence.noted_row, **where)


def note_last_row(tx: Transaction, session_id: str, branch_id: str, before: Sequence) -> None:
    """Record the last row of a branch as the session's newest, if that is worth it.

    `before` is the sequence of the session before that row was added.
    """
    if before.is_worth_a_note:
        if before.noted_row is None:
            tx.execute("reserve_names_in_use", session_id=session_id)
        tx.execute("note_last_row", session_id=session_id, branch_id=branch_id)


def forget_last_row(tx: Transaction, session_id: str) -> None:
    """Forget the recorded row: call this if existing rows are renumbered or rows are restored."""
    tx.execute("forget_last_row", session_id=session_id)


def number_range(tx: Transaction, session_id: str, branch_id: str) -> tuple[int, int] | None:
    """The first and the last turn of a branch; None if it has no turns."""
    first, last = tx.row("turn_range", session_id=session_id, branch_id=branch_id)
    return None if first is None else (first, last)


def renumber(tx: Transaction, session_id: str, branch_id: str, *, by_message: bool) -> None:
    """Renumber a branch in the order of its messages, or else of its sequence numbers."""
    where = {"session_id": session_id, "branch_id": branch_id}
    beginnings = dict(tx.rows("turn_beginnings", **where))
    _set_aside_usage_without_turn(tx, beginnings, **where)
    usage = tx.rows("usage_turns", **where)
    last_sequence = sequence_of(tx, session_id).last
    tx.execute("renumber_branch", last_sequence=last_sequence, by_message=by_message, **where)
    forget_last_row(tx, session_id)
    moved: dict[int, int] = {}
    for row_id, old_turn in usage:
        turn = tx.value("turn_of_structure", id=beginnings[old_turn])
        if turn in moved:
            # Two turns have become one, because a user message is lost.
            _merge_usage(tx, row_id, old_turn, into=moved[turn], **where)
        else:
            moved[turn] = row_id
    # By way of negative numbers, so that no turn gets the number of one that has yet to move.
    for turn, row_id in moved.items():
        tx.execute("set_usage_turn", id=row_id, turn=-1 - turn)
    for turn, row_id in moved.items():
        tx.execute("set_usage_turn", id=row_id, turn=turn)
    tx.execute("renumber_runs", **where)


def renumber_turns(
    tx: Transaction, session_id: str, branch_id: str, *, after: int, shift: int
) -> None:
    """Add to the numbers of the turns after one, and of their usage; no row moves."""
    where = {"session_id": session_id, "branch_id": branch_id}
    for statement in ("shift_turns", "shift_usage_away"):
        tx.execute(statement, turn=after, shift=shift, **where)
    tx.execute("shift_usage_back", **where)
    tx.execute("renumber_runs", **where)


def _set_aside_usage_without_turn(
    tx: Transaction, beginnings: dict[int, int], *, session_id: str, branch_id: str
) -> None:
    """Drop usage without a turn, whose number another turn is about to get, to the ledger."""
    for row_id, turn in tx.rows("usage_turns", session_id=session_id, branch_id=branch_id):
        if turn not in beginnings:
            ledger.enter_foreign(tx, session_id, branch_id, turn)
            tx.execute("delete_usage_row", id=row_id)


def _merge_usage(
    tx: Transaction, row_id: int, turn: int, *, into: int, session_id: str, branch_id: str
) -> None:
    tx.execute("add_usage_row", id=into, other=row_id)
    tx.execute(
        "point_runs_to_usage_row",
        id=into,
        other=row_id,
        turn=turn,
        session_id=session_id,
        branch_id=branch_id,
    )
    tx.execute("delete_usage_row", id=row_id)
