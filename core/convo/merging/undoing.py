"""Undo the last merge or squash of a branch, and restore it.

An undo of a merge sets aside what the merge put on the branch, and brings back what that had
replaced; restoring it is the reverse.
"""

from collections.abc import Sequence
from typing import Any

from convo.branches import branches
from convo.errors import ConflictError
from convo.merging.records import Act, act_of
from convo.records import Removed, Restored
from convo.storage.search_index import SearchIndex
from convo.storage.transaction import Transaction
from convo.structure import adoption, numbering
from convo.structure.numbering import renumber_turns
from convo.undo import taking
from convo.undo.restoring import Destination, RemovedEntry, put_back


def last(tx: Transaction, session_id: str, branch_id: str) -> Act | None:
    """The merge or squash that was the last to put anything on a branch; None if none was."""
    act = act_of(tx.row("last_merge", session_id=session_id, branch_id=branch_id))
    if act and act.replaced_id and tx.row("removed_span", removed_id=act.replaced_id) is None:
        act = act._replace(replaced_id=None)
    # Without the old turns, which have been deleted for good, a squash is a turn like others.
    return None if act and act.kind == "squash" and act.replaced_id is None else act


def undo(
    tx: Transaction, session_id: str, branch_id: str, indexes: Sequence[SearchIndex]
) -> Removed:
    """Undo what was last put on a branch: a merge or squash as a whole, or else a turn."""
    adoption.adopt(tx, session_id)
    act = last(tx, session_id, branch_id)
    first = act and _turn(tx, session_id, branch_id, act.anchor)
    end = act and _turn(tx, session_id, branch_id, act.last_row)
    # A document may say anything of the rows that were merged.
    if not act or first is None or end is None or not 0 < first <= end:
        return taking.undo(tx, session_id, branch_id, 1)
    numbering.forget_last_row(tx, session_id)
    removed_id = taking.take(tx, session_id, branch_id, "turns", first, end)
    tx.execute("note_undone_merge", id=act.id, undone_id=removed_id)
    replaced = None if act.replaced_id is None else taking.entry(tx, session_id, act.replaced_id)
    if replaced and act.kind == "squash":
        _put_among(tx, session_id, branch_id, replaced, first, indexes)
    else:
        branches.note_emptied(tx, session_id, branch_id)
        if replaced:
            put_back(tx, session_id, replaced, indexes)
    return taking.entry(tx, session_id, removed_id).removed


def restore(
    tx: Transaction, session_id: str, branch_id: str | None, indexes: Sequence[SearchIndex]
) -> list[Restored]:
    """Restore what the last act removed or, given a branch, what was last removed of it."""
    return [
        _redone(tx, session_id, entry, indexes) or put_back(tx, session_id, entry, indexes)
        for entry in taking.chosen(tx, session_id, branch_id)
    ]


def _turn(tx: Transaction, session_id: str, branch_id: str, row_id: int | None) -> Any:
    """The turn of a row of the branch; None if it has no such row."""
    return tx.value("turn_of_row", session_id=session_id, branch_id=branch_id, id=row_id)


def _put_among(
    tx: Transaction,
    session_id: str,
    branch_id: str,
    entry: RemovedEntry,
    first: int,
    indexes: Sequence[SearchIndex],
) -> None:
    """Bring turns back as turn `first` and later, at the places that they had among the others."""
    if tx.value("sequence_is_taken", session_id=session_id, removed_id=entry.id):
        raise ConflictError(
            f"the rows of branch '{branch_id}' have been numbered again since the squash",
            hint="`convo db check` says whether all is well",
        )
    old_first, old_last = tx.row("removed_span", removed_id=entry.id)
    # The squash, whose number is free now, was one turn.
    renumber_turns(tx, session_id, branch_id, after=first, shift=old_last - old_first)
    place = Destination(branch_id, first - old_first, None)
    put_back(tx, session_id, entry, indexes, place)


def _redone(
    tx: Transaction, session_id: str, entry: RemovedEntry, indexes: Sequence[SearchIndex]
) -> Restored | None:
    """Restore a merge that replaced turns, if its branch is as its undo left it; else None.

    Then its turns go to another branch, as other turns do whose place is taken.
    """
    act = act_of(tx.row("undone_merge", session_id=session_id, removed_id=entry.id))
    branch_id = entry.removed.branch_id
    if act is None or entry.removed.what != "turns":
        return None
    if act.kind == "squash":
        return _squashed_again(tx, session_id, act, entry, indexes)
    where = {"session_id": session_id, "branch_id": branch_id}
    first = entry.removed.first_turn
    turns = numbering.number_range(tx, session_id, branch_id)
    is_as_it_was = tx.value("last_row_of_branch", **where) == act.before_row
    if act.kind != "taken" or not is_as_it_was or first is None or not turns or turns[1] < first:
        return None
    replaced_id = taking.take(tx, session_id, branch_id, "turns", first)
    branches.note_emptied(tx, session_id, branch_id)
    restored = put_back(tx, session_id, entry, indexes)
    tx.execute("note_redone_merge", id=act.id, replaced_id=replaced_id)
    return restored


def _squashed_again(
    tx: Transaction,
    session_id: str,
    act: Act,
    entry: RemovedEntry,
    indexes: Sequence[SearchIndex],
) -> Restored | None:
    branch_id = entry.removed.branch_id
    first = _turn(tx, session_id, branch_id, act.source_anchor)
    end = _turn(tx, session_id, branch_id, act.source_row)
    if first is None or end is None or end - first != act.last_turn - act.first_turn:
        return None
    numbering.forget_last_row(tx, session_id)
    replaced_id = taking.take(tx, session_id, branch_id, "turns", first, end)
    renumber_turns(tx, session_id, branch_id, after=end, shift=first - end)
    shift = first - (entry.removed.first_turn or first)
    restored = put_back(tx, session_id, entry, indexes, Destination(branch_id, shift, None))
    tx.execute("note_redone_merge", id=act.id, replaced_id=replaced_id)
    return restored
