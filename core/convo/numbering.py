"""Numbering the rows and turns of a branch anew, with their usage following them."""

from convo.transaction import Transaction


def renumber(tx: Transaction, session_id: str, branch_id: str, *, by_message: bool) -> None:
    """Number a branch in the order of its messages, or else of its sequence numbers."""
    where = {"session_id": session_id, "branch_id": branch_id}
    beginnings = dict(tx.rows("turn_beginnings", **where))
    usage = tx.rows("usage_turns", **where)
    last_sequence = tx.value("last_sequence", session_id=session_id) or 0
    tx.run("renumber_branch", last_sequence=last_sequence, by_message=by_message, **where)
    moved = [
        (row_id, tx.value("turn_of_structure", id=beginnings[turn]))
        for row_id, turn in usage
        if turn in beginnings
    ]
    # Over negative numbers, so that no turn meets the number of one that has yet to move.
    for row_id, turn in moved:
        tx.run("set_usage_turn", id=row_id, turn=-1 - turn)
    for row_id, turn in moved:
        tx.run("set_usage_turn", id=row_id, turn=turn)
    tx.run("renumber_runs", **where)
