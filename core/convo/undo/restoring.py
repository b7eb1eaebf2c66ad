"""Restore removed branches and turns.

A branch is restored under its name. Turns are restored after those that they followed; if the
branch has new turns there, on a new branch.
"""

from collections.abc import Iterable
from typing import NamedTuple

from convo.branches import branches, naming
from convo.records import MAIN, Removed, Restored
from convo.storage.search_index import SearchIndex
from convo.storage.transaction import Transaction
from convo.structure import numbering
from convo.structure.numbering import renumber

_FORGET = (
    "delete_removed_rows",
    "delete_removed_usage",
    "delete_removed_entry",
)


class RemovedEntry(NamedTuple):
    """One removed branch, or removed turns of one, and the number of the act that removed it."""

    id: int
    act: int
    removed: Removed


class Destination(NamedTuple):
    """Where rows are restored: the branch, the change of their turn numbers, and the sequence
    number that theirs follow; None if they keep their own."""

    branch_id: str
    shift: int
    last_sequence: int | None


def put_back(
    tx: Transaction,
    session_id: str,
    entry: RemovedEntry,
    indexes: Iterable[SearchIndex],
    destination: Destination | None = None,
) -> Restored:
    """Restore one entry to a destination, or else where it was, and delete the entry.

    Its messages are entered into the search indexes again, which may have dropped them.
    """
    oldest = tx.value("oldest_message_to_put_back", removed_id=entry.id)
    if oldest is not None:
        for index in indexes:
            index.forget_above(tx, oldest - 1)
    tx.execute("put_back_messages", session_id=session_id, removed_id=entry.id)
    tx.execute("forget_messages_put_back", removed_id=entry.id)
    if destination is None:
        is_branch = entry.removed.what == "branch"
        find = _destination_of_branch if is_branch else _destination_of_turns
        destination = find(tx, session_id, entry)
    where = {"session_id": session_id, "branch_id": destination.branch_id, "removed_id": entry.id}
    count: int = tx.value("count_removed_rows", removed_id=entry.id)
    returned = tx.change(
        "put_back_rows", shift=destination.shift, last_sequence=destination.last_sequence, **where
    )
    tx.execute("put_back_usage", shift=destination.shift, **where)
    if destination.shift or destination.branch_id != entry.removed.branch_id:
        tx.execute(
            "relocate_runs", shift=destination.shift, old_branch_id=entry.removed.branch_id, **where
        )
    numbering.forget_last_row(tx, session_id)
    if returned < count:
        renumber(tx, session_id, destination.branch_id, by_message=False)
        branches.note_emptied(tx, session_id, destination.branch_id)
    for statement in _FORGET:
        tx.execute(statement, removed_id=entry.id)
    tx.execute("forget_entry_of_merges", session_id=session_id, removed_id=entry.id)
    return Restored(entry.removed, destination.branch_id, count - returned)


def _destination_of_branch(tx: Transaction, session_id: str, entry: RemovedEntry) -> Destination:
    """The branch's own name, unless the SDK's class has created it again by writing to it.

    `main` is removed only together with its session, whose restoration has created it again.
    """
    branch_id = entry.removed.branch_id
    if branch_id != MAIN and branches.exists(tx, session_id, branch_id):
        branch_id = naming.reserve_made(tx, session_id, f"{branch_id}-restored")
    record = tx.row("removed_branch_record", removed_id=entry.id)
    parent_branch_id, forked_from_turn, created_at = record
    is_empty = not tx.value("count_removed_rows", removed_id=entry.id)
    if created_at is not None or is_empty:
        tx.execute(
            "put_back_branch_record",
            session_id=session_id,
            branch_id=branch_id,
            parent_branch_id=parent_branch_id,
            forked_from_turn=forked_from_turn,
            kept_empty=is_empty,
            created_at=created_at,
        )
    return Destination(branch_id, 0, _free_sequence(tx, session_id, entry))


def _destination_of_turns(tx: Transaction, session_id: str, entry: RemovedEntry) -> Destination:
    """After the row that the turns followed, or on a new branch if other turns follow it now."""
    branch_id, first_turn = entry.removed.branch_id, entry.removed.first_turn
    after_id, after_sequence = tx.row("removed_place", removed_id=entry.id)
    tail = tx.row("row_place", session_id=session_id, id=after_id)
    if tail is None:
        # The row was deleted for good: the last older row of its branch is the nearest.
        where = {"session_id": session_id, "branch_id": branch_id, "removed_id": entry.id}
        tail = tx.row("last_older_row", **where)
    if tail is None:
        goes_on = not branches.exists(tx, session_id, branch_id) or bool(
            tx.value("branch_has_rows", session_id=session_id, branch_id=branch_id)
        )
    else:
        branch_id, sequence = tail
        goes_on = bool(
            tx.value(
                "branch_goes_on_after",
                session_id=session_id,
                branch_id=branch_id,
                sequence=sequence,
            )
        )
    if goes_on:
        branch_id = _beside(tx, session_id, branch_id, entry, 0 if tail is None else tail[1] + 1)
    elif tail is None:
        branches.note_filled(tx, session_id, branch_id)
    last_turn = tx.value("last_turn", session_id=session_id, branch_id=branch_id) or 0
    shift = last_turn + 1 - (first_turn or 1)
    is_as_it_was = not goes_on and after_sequence == (None if tail is None else tail[1])
    last_sequence = (
        _free_sequence(tx, session_id, entry)
        if is_as_it_was
        else numbering.sequence_of(tx, session_id).last
    )
    return Destination(branch_id, shift, last_sequence)


def _beside(
    tx: Transaction, session_id: str, branch_id: str, entry: RemovedEntry, before: int
) -> str:
    """Make a branch of the rows up to a sequence number, and return its name."""
    stem = f"{entry.removed.branch_id}-restored"
    new_branch_id = naming.reserve_made(tx, session_id, stem)
    branches.copy_rows(tx, session_id, branch_id, new_branch_id, before=before)
    tx.execute(
        "record_branch",
        session_id=session_id,
        branch_id=new_branch_id,
        parent_branch_id=branch_id,
        forked_from_turn=entry.removed.first_turn,
        kept_empty=False,
    )
    return new_branch_id


def _free_sequence(tx: Transaction, session_id: str, entry: RemovedEntry) -> int | None:
    """None if the rows can keep their old sequence numbers, else the last one in use."""
    if tx.value("sequence_is_taken", session_id=session_id, removed_id=entry.id):
        return numbering.sequence_of(tx, session_id).last
    return None
