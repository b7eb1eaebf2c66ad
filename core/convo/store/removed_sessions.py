"""Delete sessions with a way back: set them aside, restore them, or purge them.

The branches of a deleted session are set aside as `undo.taking` does. Its other rows in convo's
tables stay where they are, under a name that no session has; the ledger keeps the session's own.
"""

from collections.abc import Sequence
from typing import NamedTuple

from convo.branches import heads
from convo.errors import NameTakenError
from convo.history import items
from convo.names import KEPT
from convo.pending import pending
from convo.records import MAIN, RemovedSession, RestoredSession
from convo.storage.search_index import SearchIndex
from convo.storage.statements import blocks_beginning
from convo.storage.transaction import Transaction
from convo.storage.values import iso_utc, whole
from convo.store import catalog
from convo.undo import taking

_NOT_KEPT = ("messages", "structure", "turn_usage", "runs", "head", "sessions", "reservations")
"""The tables that are emptied, or where a deleted session keeps its name."""

_KEPT = tuple(
    statement
    for statement in blocks_beginning("rename_session_in_")
    if statement.removeprefix("rename_session_in_") not in (*_NOT_KEPT, "renamed_sessions")
)
_CLEARED = blocks_beginning("clear_way_in_")
_FORGOTTEN = (
    "forget_held_of_session",
    "forget_place_of_import",
    "forget_session_of_evals",
    "forget_session_of_eval_results",
)


class Entry(NamedTuple):
    """A deleted session, and how it was kept."""

    id: int
    act: int
    kept_as: str
    was_current: bool
    newest_message: int
    removed: RemovedSession


def take(tx: Transaction, session_id: str) -> None:
    """Delete a session so that it can be restored; the ledger keeps its usage."""
    catalog.require(tx, session_id)
    info = catalog.listed(tx, session_id=session_id)[0]
    act = taking.take_all(tx, session_id)
    kept_as = _name_of(act)
    tx.execute(
        "enter_removed_session",
        session_id=session_id,
        act=act,
        kept_as=kept_as,
        branches=info.branches,
        turns=info.turns,
        was_current=info.is_current,
        newest_message=tx.value("newest_message"),
    )
    running = _running(tx, session_id)
    for statement in _CLEARED:
        tx.execute(statement, new=kept_as)
    for statement in _KEPT:
        tx.execute(statement, old=session_id, new=kept_as)
    for number in running:
        tx.execute("return_held_turn", session_id=session_id, number=number)
    items.clear(tx, session_id)
    tx.execute("unset_current_session", session_id=session_id)


def listed(tx: Transaction, session_id: str | None = None) -> list[Entry]:
    """The deleted sessions, or those of one name; the last deleted one first.

    A row that is damaged could not be restored, and is left out.
    """
    rows = tx.rows("removed_sessions", session_id=session_id)
    return [
        Entry(
            entry_id,
            act,
            kept_as,
            bool(was_current),
            whole(newest_message) or 0,
            RemovedSession(
                name,
                whole(branches) or 0,
                whole(turns) or 0,
                _first_question(tx, kept_as),
                iso_utc(removed_at),
            ),
        )
        for (
            entry_id,
            act,
            name,
            kept_as,
            branches,
            turns,
            was_current,
            newest_message,
            removed_at,
        ) in rows
        # No file may have convo take the rows of another session for those of a deleted one.
        if isinstance(name, str) and isinstance(act, int) and kept_as == _name_of(act)
    ]


def last(tx: Transaction, session_id: str | None) -> Entry | None:
    """The session that was deleted after all that was removed from `session_id`, if any was."""
    entry = next(iter(listed(tx)), None)
    if entry is None or session_id is None:
        return entry
    return entry if entry.act > tx.value("newest_act", session_id=session_id) else None


def just_deleted(tx: Transaction) -> Entry | None:
    """The last deleted session if nothing was removed and nothing stored since."""
    entry = last(tx, None)
    if entry is None or entry.act < tx.value("newest_act", session_id=None):
        return None
    return entry if entry.newest_message == tx.value("newest_message") else None


def restore(tx: Transaction, entry: Entry, indexes: Sequence[SearchIndex]) -> RestoredSession:
    """Restore a deleted session under its name; raises `NameTakenError` if that is taken."""
    name = entry.removed.session_id
    if catalog.exists(tx, name):
        raise NameTakenError(
            f"there is a new session '{name}'",
            hint="rename it, then restore the deleted one",
        )
    renamed = catalog.renamed_to(tx, name)
    for statement in _CLEARED:
        tx.execute(statement, new=name)
    tx.execute("forget_renamed_session", session_id=name)
    tx.execute("put_back_session", id=entry.id)
    for statement in _KEPT:
        tx.execute(statement, old=entry.kept_as, new=name)
    if renamed is not None:
        tx.execute("return_runs", session_id=name, renamed=renamed)
        # So were the names of all branches that it ever had.
        for removed in taking.listed(tx, name):
            tx.execute("reserve_branch_name", session_id=name, branch_id=removed.branch_id)
    restored = taking.restore_act(tx, name, entry.act, indexes)
    tx.execute("delete_removed_session", id=entry.id)
    is_current = entry.was_current and bool(tx.value("no_session_is_current"))
    if is_current:
        tx.execute("set_current_session", session_id=name)
    return RestoredSession(
        entry.removed,
        heads.of_session(tx, name).branch_id,
        is_current,
        sum(turn.state != "running" for turn in pending.of_session(tx, name)),
        sum(one.lost_items for one in restored),
    )


def purge(tx: Transaction, session_id: str | None = None) -> int:
    """Delete all deleted sessions for good, or those of one name; return how many."""
    entries = listed(tx, session_id)
    for entry in entries:
        taking.purge(tx, entry.kept_as)
        for statement in _FORGOTTEN:
            tx.execute(statement, session_id=entry.kept_as)
        for statement in _CLEARED:
            tx.execute(statement, new=entry.kept_as)
    tx.execute("purge_removed_sessions", session_id=session_id)
    return len(entries)


def _name_of(act: int) -> str:
    """The name that the rows of a deleted session have."""
    return f"{KEPT}{act}"


def _running(tx: Transaction, session_id: str) -> list[int]:
    """The numbers of the pending turns that are being answered: their end is still recorded."""
    return [turn.number for turn in pending.of_session(tx, session_id) if turn.state == "running"]


def _first_question(tx: Transaction, kept_as: str) -> str:
    """The first question of `main`, which is removed only together with its session."""
    texts = (one.text for one in taking.listed(tx, kept_as) if one.branch_id == MAIN)
    return next(texts, "")
