"""The numbers of the turns of a branch, and giving them again with their usage following them."""

from convo.storage.transaction import Transaction
from convo.structure import sequences
from convo.usage import ledger


def number_range(tx: Transaction, session_id: str, branch_id: str) -> tuple[int, int] | None:
    """The first and the last turn of a branch; None where nobody has asked anything."""
    first, last = tx.row("turn_range", session_id=session_id, branch_id=branch_id)
    return None if first is None else (first, last)


def renumber(tx: Transaction, session_id: str, branch_id: str, *, by_message: bool) -> None:
    """Number a branch in the order of its messages, or else of its sequence numbers."""
    where = {"session_id": session_id, "branch_id": branch_id}
    beginnings = dict(tx.rows("turn_beginnings", **where))
    _set_aside_usage_without_turn(tx, beginnings, **where)
    usage = tx.rows("usage_turns", **where)
    last_sequence = sequences.of(tx, session_id).last
    tx.execute("renumber_branch", last_sequence=last_sequence, by_message=by_message, **where)
    sequences.forget(tx, session_id)
    moved: dict[int, int] = {}
    for row_id, old_turn in usage:
        turn = tx.value("turn_of_structure", id=beginnings[old_turn])
        if turn in moved:
            # Two turns have become one, which happens where a user message is lost.
            _merge_usage(tx, row_id, old_turn, into=moved[turn], **where)
        else:
            moved[turn] = row_id
    # Over negative numbers, so that no turn meets the number of one that has yet to move.
    for turn, row_id in moved.items():
        tx.execute("set_usage_turn", id=row_id, turn=-1 - turn)
    for turn, row_id in moved.items():
        tx.execute("set_usage_turn", id=row_id, turn=turn)
    tx.execute("renumber_runs", **where)


def _set_aside_usage_without_turn(
    tx: Transaction, beginnings: dict[int, int], *, session_id: str, branch_id: str
) -> None:
    """Leave to the ledger what no turn has: its number is about to be that of another turn."""
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
