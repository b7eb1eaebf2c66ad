"""What `undo` and `delete` take off a session, kept aside until it is brought back or purged.

Rows move between the tables that the SDK shares and convo's own in one transaction, and keep
their ids, which are never given to others: by them the ledger knows the turns again, and what is
brought back is what was taken. The session class deletes for good; a clear does so too.
"""

from typing import Any, Literal, NamedTuple

from convo import adoption, branches, ledger, search_index, sequences
from convo.errors import NothingToRestoreError, TurnNotFoundError
from convo.items import decode, text_of
from convo.nearest import nearest
from convo.numbering import renumber
from convo.records import Removed, Restored
from convo.timestamps import iso_utc
from convo.transaction import Transaction
from convo.turns import number_range


class _Entry(NamedTuple):
    """One thing that was taken, and the number of the act that took it."""

    id: int
    act: int
    removed: Removed


class _Place(NamedTuple):
    """Where rows are put back: their branch, what their turns' numbers change by, and the
    sequence number that theirs follow; None where they keep those that they had."""

    branch_id: str
    shift: int
    last_sequence: int | None


def undo(tx: Transaction, session_id: str, branch_id: str, count: int) -> Removed:
    """Take the last `count` turns off a branch, which stays.

    Raises `TurnNotFoundError`, saying how many there are, where it has fewer.
    """
    adoption.adopt(tx, session_id)
    there = number_range(tx, session_id, branch_id)
    if there is None:
        raise TurnNotFoundError(f"branch '{branch_id}' has no turns to take back")
    first, last = there
    if count > last - first + 1:
        has = "1 turn" if first == last else f"{last - first + 1} turns"
        raise TurnNotFoundError(f"branch '{branch_id}' has only {has} to take back, not {count}")
    entry_id = _take(tx, session_id, branch_id, "turns", last - count + 1)
    branches.note_emptied(tx, session_id, branch_id)
    return _entry(tx, session_id, entry_id).removed


def delete_branches(tx: Transaction, session_id: str, branch_ids: list[str]) -> None:
    """Take branches away that are there; their names stay taken."""
    adoption.adopt(tx, session_id)
    act = None
    for branch_id in branch_ids:
        where = {"session_id": session_id, "branch_id": branch_id}
        tx.run("reserve_branch_name", **where)
        entry_id = _take(tx, session_id, branch_id, "branch", None, act)
        act = act or _entry(tx, session_id, entry_id).act
        tx.run("delete_branch_record", **where)
        tx.run("forget_branch_in_head", **where)


def listed(tx: Transaction, session_id: str) -> list[Removed]:
    """What can be brought back, the last thing taken first."""
    return [entry.removed for entry in _entries(tx, session_id)]


def restore(tx: Transaction, session_id: str, branch_id: str | None) -> list[Restored]:
    """Bring back what the last act took or, with a branch, the last thing taken of that name.

    Raises `NothingToRestoreError`, naming the nearest.
    """
    adoption.adopt(tx, session_id)
    branches.reserve_all(tx, session_id)
    entries = _entries(tx, session_id)
    if branch_id is None:
        chosen = [entry for entry in entries if entry.act == entries[0].act]
    else:
        chosen = [entry for entry in entries if entry.removed.branch_id == branch_id][:1]
    if not chosen:
        names = list(dict.fromkeys(entry.removed.branch_id for entry in entries))
        of = "" if branch_id is None else f" of branch '{branch_id}'"
        raise NothingToRestoreError(
            f"nothing was taken{of} that could be restored",
            hint=None if branch_id is None else nearest(branch_id, names),
        )
    # As they were taken: the listing has the last one first.
    return [_put_back(tx, session_id, entry) for entry in reversed(chosen)]


def purge(tx: Transaction, session_id: str | None = None) -> int:
    """Forget for good what was taken off a session, or off all of them; return how many things."""
    count: int = tx.value("count_removed", session_id=session_id)
    if count:
        tx.run("purge_removed_messages", session_id=session_id)
        tx.run("purge_removed_rows", session_id=session_id)
        tx.run("purge_removed_usage", session_id=session_id)
        tx.run("purge_removed", session_id=session_id)
    return count


def _take(
    tx: Transaction,
    session_id: str,
    branch_id: str,
    what: Literal["branch", "turns"],
    first_turn: int | None,
    act: int | None = None,
) -> int:
    """Move a branch, or its turns from one on, aside; return the id of the entry."""
    where = {"session_id": session_id, "branch_id": branch_id}
    entry_id = tx.run(
        "enter_removed", act=act or tx.value("next_act"), what=what, **where
    ).lastrowid
    assert entry_id is not None
    ledger.enter_foreign_since(tx, session_id, branch_id, first_turn)
    usage_of = {**where, **ledger.bounds_from(first_turn)}
    tx.run("take_usage", removed_id=entry_id, **usage_of)
    tx.run("delete_turn_usage_of_branch", **usage_of)
    tx.run("take_rows", removed_id=entry_id, first_turn=first_turn, **where)
    tx.run("delete_taken_rows", first_turn=first_turn, **where)
    tx.run("take_unshown_messages", removed_id=entry_id)
    tx.run("delete_taken_messages", removed_id=entry_id)
    tx.run("describe_removed", removed_id=entry_id)
    return entry_id


def _put_back(tx: Transaction, session_id: str, entry: _Entry) -> Restored:
    oldest = tx.value("oldest_message_to_put_back", removed_id=entry.id)
    if oldest is not None:
        search_index.forget_above(tx, oldest - 1)
    tx.run("put_back_messages", session_id=session_id, removed_id=entry.id)
    tx.run("forget_messages_put_back", removed_id=entry.id)
    if entry.removed.what == "branch":
        place = _place_of_branch(tx, session_id, entry)
    else:
        place = _place_of_turns(tx, session_id, entry)
    where = {"session_id": session_id, "branch_id": place.branch_id, "removed_id": entry.id}
    count: int = tx.value("count_removed_rows", removed_id=entry.id)
    put_back = tx.run(
        "put_back_rows", shift=place.shift, last_sequence=place.last_sequence, **where
    ).rowcount
    tx.run("put_back_usage", shift=place.shift, **where)
    if place.shift or place.branch_id != entry.removed.branch_id:
        tx.run("relocate_runs", shift=place.shift, old_branch_id=entry.removed.branch_id, **where)
    sequences.forget(tx, session_id)
    if put_back < count:
        renumber(tx, session_id, place.branch_id, by_message=False)
        branches.note_emptied(tx, session_id, place.branch_id)
    for statement in ("delete_removed_rows", "delete_removed_usage", "delete_removed_entry"):
        tx.run(statement, removed_id=entry.id)
    return Restored(entry.removed, place.branch_id, count - put_back)


def _place_of_branch(tx: Transaction, session_id: str, entry: _Entry) -> _Place:
    """Its own name, unless the SDK's class has brought that back by writing to it."""
    branch_id = entry.removed.branch_id
    if branches.exists(tx, session_id, branch_id):
        branch_id = branches.reserve_made(tx, session_id, f"{branch_id}-restored")
    record = tx.row("removed_branch_record", removed_id=entry.id)
    parent_branch_id, forked_from_turn, created_at = record
    is_empty = not tx.value("count_removed_rows", removed_id=entry.id)
    if created_at is not None or is_empty:
        tx.run(
            "put_back_branch_record",
            session_id=session_id,
            branch_id=branch_id,
            parent_branch_id=parent_branch_id,
            forked_from_turn=forked_from_turn,
            kept_empty=is_empty,
            created_at=created_at,
        )
    return _Place(branch_id, 0, _free_sequence(tx, session_id, entry))


def _place_of_turns(tx: Transaction, session_id: str, entry: _Entry) -> _Place:
    """Behind the row that they followed, or on a branch beside what was said there since."""
    branch_id, first_turn = entry.removed.branch_id, entry.removed.first_turn
    after_id, after_sequence = tx.row("removed_place", removed_id=entry.id)
    tail = tx.row("row_place", session_id=session_id, id=after_id)
    if tail is None:
        # It was deleted for good: what is left of its branch from before then is as near.
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
        _free_sequence(tx, session_id, entry) if is_as_it_was else sequences.last(tx, session_id)
    )
    return _Place(branch_id, shift, last_sequence)


def _beside(tx: Transaction, session_id: str, branch_id: str, entry: _Entry, before: int) -> str:
    """Make a branch of what the turns followed, up to a sequence number, and return its name."""
    stem = f"{entry.removed.branch_id}-restored"
    new_branch_id = branches.reserve_made(tx, session_id, stem)
    branches.copy_rows(tx, session_id, branch_id, new_branch_id, before=before)
    tx.run(
        "record_branch",
        session_id=session_id,
        branch_id=new_branch_id,
        parent_branch_id=branch_id,
        forked_from_turn=entry.removed.first_turn,
        kept_empty=False,
    )
    return new_branch_id


def _free_sequence(tx: Transaction, session_id: str, entry: _Entry) -> int | None:
    """None if the rows can have the sequence numbers that they had, else the last one in use."""
    if tx.value("sequence_is_taken", session_id=session_id, removed_id=entry.id):
        return sequences.last(tx, session_id)
    return None


def _entry(tx: Transaction, session_id: str, entry_id: int) -> _Entry:
    return next(entry for entry in _entries(tx, session_id) if entry.id == entry_id)


def _entries(tx: Transaction, session_id: str) -> list[_Entry]:
    return [_described(*row) for row in tx.rows("list_removed", session_id=session_id)]


def _described(
    entry_id: int,
    act: int,
    what: Literal["branch", "turns"],
    branch_id: str,
    first_turn: int | None,
    last_turn: int | None,
    turns: int,
    removed_at: str,
    data: Any,
) -> _Entry:
    try:
        text = text_of(decode(data))
    except ValueError:
        text = ""
    removed = Removed(what, branch_id, first_turn, last_turn, turns, text, iso_utc(removed_at))
    return _Entry(entry_id, act, removed)
