"""Undo and delete: set removed turns and branches aside until they are restored or purged.

Rows move between the tables shared with the SDK and convo's own in one transaction, and keep their
ids, which are never reused: the ledger refers to turns by them, and exactly what was removed can be
restored. The session class deletes for good, and so does clearing a session.
"""

from collections.abc import Sequence
from typing import Any, Literal, get_args

from convo.branches import branches, naming
from convo.errors import NothingToRestoreError, TurnNotFoundError
from convo.items.encoding import decode, text_of
from convo.names import nearest
from convo.records import Kind, Merged, Removed, Restored
from convo.storage import values
from convo.storage.search_index import SearchIndex
from convo.storage.transaction import Transaction
from convo.storage.values import iso_utc, whole
from convo.structure import adoption
from convo.structure.numbering import number_range
from convo.undo.restoring import RemovedEntry, put_back
from convo.usage import ledger


def undo(tx: Transaction, session_id: str, branch_id: str, count: int) -> Removed:
    """Remove the last `count` turns of a branch; the branch stays.

    Raises `TurnNotFoundError`, with their number, if it has fewer turns.
    """
    adoption.adopt(tx, session_id)
    turns = number_range(tx, session_id, branch_id)
    if turns is None:
        raise TurnNotFoundError(f"branch '{branch_id}' has no turns to take back")
    first, last = turns
    if count > last - first + 1:
        has = "1 turn" if first == last else f"{last - first + 1} turns"
        raise TurnNotFoundError(f"branch '{branch_id}' has only {has} to take back, not {count}")
    entry_id = take(tx, session_id, branch_id, "turns", last - count + 1)
    branches.note_emptied(tx, session_id, branch_id)
    return entry(tx, session_id, entry_id).removed


def delete_branches(tx: Transaction, session_id: str, branch_ids: list[str]) -> None:
    """Remove existing branches; their names stay taken."""
    adoption.adopt(tx, session_id)
    act = None
    for branch_id in branch_ids:
        where = {"session_id": session_id, "branch_id": branch_id}
        tx.execute("reserve_branch_name", **where)
        entry_id = take(tx, session_id, branch_id, "branch", act=act)
        act = act or entry(tx, session_id, entry_id).act
        tx.execute("delete_branch_record", **where)
        tx.execute("forget_branch_in_head", **where)


def take_all(tx: Transaction, session_id: str) -> int:
    """Remove all branches of a session, `main` too; return the number of the act."""
    adoption.adopt(tx, session_id)
    naming.reserve_all(tx, session_id)
    act = next_act(tx)
    for branch_id in branches.names(tx, session_id):
        take(tx, session_id, branch_id, "branch", act=act)
        tx.execute("delete_branch_record", session_id=session_id, branch_id=branch_id)
    return act


def restore_act(
    tx: Transaction, session_id: str, act: int, indexes: Sequence[SearchIndex]
) -> list[Restored]:
    """Restore everything that one act removed from a session."""
    found = [entry for entry in _entries(tx, session_id) if entry.act == act]
    return [put_back(tx, session_id, entry, indexes) for entry in reversed(found)]


def listed(tx: Transaction, session_id: str) -> list[Removed]:
    """What can be restored, the last removed first."""
    return [entry.removed for entry in _entries(tx, session_id)]


def chosen(tx: Transaction, session_id: str, branch_id: str | None) -> list[RemovedEntry]:
    """What the last act removed or, given a branch, what was last removed of it, to be restored.

    It is in the order of removal. Raises `NothingToRestoreError` with the nearest name.
    """
    adoption.adopt(tx, session_id)
    naming.reserve_all(tx, session_id)
    entries = _entries(tx, session_id)
    if branch_id is None:
        found = [entry for entry in entries if entry.act == entries[0].act]
    else:
        found = [entry for entry in entries if entry.removed.branch_id == branch_id][:1]
    if not found:
        names = list(dict.fromkeys(entry.removed.branch_id for entry in entries))
        on = "" if branch_id is None else f" on branch '{branch_id}'"
        raise NothingToRestoreError(
            f"there is nothing to restore{on}",
            hint=None if branch_id is None else nearest(branch_id, names),
        )
    # The list has the last one first.
    return found[::-1]


def purge(tx: Transaction, session_id: str | None = None) -> int:
    """Delete for good what was removed from one session or all; return the number of entries."""
    count: int = tx.value("count_removed", session_id=session_id)
    if count:
        tx.execute("purge_removed_messages", session_id=session_id)
        tx.execute("purge_removed_rows", session_id=session_id)
        tx.execute("purge_removed_usage", session_id=session_id)
        tx.execute("purge_removed", session_id=session_id)
        tx.execute("forget_entries_of_merges", session_id=session_id)
    return count


def next_act(tx: Transaction) -> int:
    """The number of a new act, which no other transaction gets."""
    tx.row("lock_acts")
    number: int = tx.value("next_act")
    return number


def take(
    tx: Transaction,
    session_id: str,
    branch_id: str,
    what: Literal["branch", "turns"],
    first_turn: int | None = None,
    last_turn: int | None = None,
    *,
    act: int | None = None,
) -> int:
    """Set aside a branch, or its turns from one to another; return the id of the entry."""
    where = {"session_id": session_id, "branch_id": branch_id}
    act = act or next_act(tx)
    entry_id: int = tx.value("enter_removed", act=act, what=what, **where)
    ledger.enter_foreign_since(tx, session_id, branch_id, first_turn)
    usage_of = {**where, **ledger.bounds_from(first_turn)}
    if last_turn is not None:
        usage_of["last_turn"] = last_turn
    tx.execute("take_usage", removed_id=entry_id, **usage_of)
    tx.execute("delete_turn_usage_of_branch", **usage_of)
    span = {"first_turn": first_turn, "last_turn": last_turn}
    tx.execute("take_rows", removed_id=entry_id, **span, **where)
    tx.execute("delete_taken_rows", **span, **where)
    tx.execute("take_unshown_messages", removed_id=entry_id)
    tx.execute("delete_taken_messages", removed_id=entry_id)
    tx.execute("describe_removed", removed_id=entry_id)
    return entry_id


def entry(tx: Transaction, session_id: str, entry_id: int) -> RemovedEntry:
    """The entry with an id."""
    return next(entry for entry in _entries(tx, session_id) if entry.id == entry_id)


def _entries(tx: Transaction, session_id: str) -> list[RemovedEntry]:
    found = (_described(*row) for row in tx.rows("list_removed", session_id=session_id))
    # An entry whose session or branch has no name could not be restored.
    return [entry for entry in found if values.text(entry.removed.branch_id) is not None]


def _described(
    entry_id: int,
    act: int,
    what: object,
    branch_id: str,
    first_turn: int | None,
    last_turn: int | None,
    turns: int,
    removed_at: str,
    data: Any,
    *merge: Any,
) -> RemovedEntry:
    try:
        text = text_of(decode(data))
    except ValueError:
        text = ""
    removed = Removed(
        "turns" if what == "turns" else "branch",
        branch_id,
        whole(first_turn),
        whole(last_turn),
        whole(turns) or 0,
        text,
        iso_utc(removed_at),
        Merged._make(merge) if merge[0] in get_args(Kind) else None,
    )
    return RemovedEntry(entry_id, act, removed)
