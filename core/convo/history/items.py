"""Append, read, pop and clear the items of a branch."""

import itertools
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from convo.branches import branches, heads, naming
from convo.items.decoding import Unreadable, decoded
from convo.items.encoding import EncodedItem, Item, decode
from convo.pending import holding
from convo.records import TurnRef
from convo.storage.statements import blocks_beginning
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER
from convo.structure import adoption, numbering
from convo.structure import state as branch_state
from convo.structure.state import BranchState
from convo.undo import taking
from convo.usage import turn_usage

_MARKS = blocks_beginning("forget_marks_in_")
_NOW = "append_message", "append_structure"
_DATED = "append_message_at", "append_structure_at"
"""The statements that add items with the present time, and with one of their own."""


class _NewestRow(NamedTuple):
    """The last row of a branch, with its message.

    The flags are whether the branch has other rows, whether the turn has, whether the message is
    on another branch, and whether it is on a removed one.
    """

    id: int
    message_id: int
    turn: int
    data: bytes | None
    has_others: bool
    turn_has_others: bool
    is_shown_elsewhere: bool
    was_removed: bool


def append(
    tx: Transaction,
    session_id: str,
    branch_id: str,
    items: Sequence[EncodedItem],
    run_turn: TurnRef | None = None,
    state: BranchState | None = None,
) -> TurnRef:
    """Append items to a branch and return the turn of the last one.

    Each user message begins a turn. Items before the first user message belong to `run_turn`,
    the turn of the run that they come from, if that is on this branch, or else to the last turn.
    Pass the `state` of the branch if it has been read already.
    """
    if state is None:
        reserve(tx, len(items))
        state = branch_state.of(tx, session_id, branch_id)
    if not state.is_there:
        raise branches.deleted(session_id, branch_id)
    tx.execute("touch_session", session_id=session_id)
    ref = run_turn if run_turn and run_turn.branch_id == branch_id else None
    turns, row_ids = add(tx, session_id, branch_id, items, state, ref)
    begun = [at for at, item in enumerate(items) if item.begins_turn]
    if begun:
        return TurnRef(branch_id, turns[-1], row_ids[begun[-1]])
    return ref or TurnRef(branch_id, turns[-1], None)


def reserve(tx: Transaction, count: int) -> None:
    """Announce that so many items are going to be appended, before anything is read for it."""
    for statement in _NOW:
        tx.reserve(statement, count)


def add(
    tx: Transaction,
    session_id: str,
    branch_id: str,
    items: Sequence[EncodedItem],
    state: BranchState,
    run_turn: TurnRef | None = None,
    times: Sequence[str] | None = None,
) -> tuple[list[int], list[int]]:
    """Add items to a branch of an existing session; return the turn and the row id of each.

    With `times`, each item has its own time, else the present one.
    """
    if state.generation is None:
        tx.execute("ensure_generation", session_id=session_id)
    if state.last_turn is None:
        branches.note_filled(tx, session_id, branch_id)
    last = state.last_turn or 0
    turns = _turns(items, run_turn.turn if run_turn else last, last)
    messages, structure = _NOW if times is None else _DATED
    at = [{}] * len(items) if times is None else [{"created_at": time} for time in times]
    message_ids = tx.insert(
        messages,
        [
            {"session_id": session_id, "message_data": item.data, **time}
            for item, time in zip(items, at, strict=True)
        ],
    )
    row_ids = tx.insert(
        structure,
        [
            {
                "session_id": session_id,
                "message_id": message_id,
                "branch_id": branch_id,
                "message_type": item.message_type,
                "sequence_number": sequence,
                "turn": turn,
                "tool_name": item.tool_name,
                **time,
            }
            for sequence, message_id, item, turn, time in zip(
                itertools.count(state.sequence.last + 1),
                message_ids,
                items,
                turns,
                at,
                strict=False,
            )
        ],
    )
    adoption.note(tx, session_id, message_ids[-1])
    numbering.note_last_row(tx, session_id, branch_id, state.sequence)
    return turns, row_ids


def _turns(items: Sequence[EncodedItem], turn: int, highest: int) -> list[int]:
    """The turn of each item: `turn` up to the first question, then those after `highest`."""
    turns = []
    for item in items:
        if item.begins_turn:
            turn = highest = highest + 1
        turns.append(turn)
    return turns


def found_again(tx: Transaction, session_id: str, ref: TurnRef) -> TurnRef | None:
    """Where a turn is now, even if its branch or number has changed; None if it is gone."""
    row = tx.row("anchor_place", session_id=session_id, id=ref.anchor)
    return None if row is None else TurnRef(row[0], row[1], ref.anchor)


def read(
    tx: Transaction,
    session_id: str,
    branch_id: str,
    limit: int | None,
    unreadable: Unreadable,
) -> list[Item]:
    """The readable items of a branch in order, or only the newest `limit` of them.

    None or a number below 0 means no limit, as in SQLite.
    """
    where = {"session_id": session_id, "branch_id": branch_id}
    if limit is None or limit < 0:
        ids = cache(lambda: [found for (found,) in tx.rows("ids_of_all_items", **where)])
        return decoded(tx.each("all_items", **where), unreadable, ids)
    newest_first: list[Item] = []
    wanted = min(limit, MAX_INTEGER)
    rows = tx.rows("newest_items", limit=wanted, **where) if wanted else []
    while rows:
        newest_first += decoded(rows, unreadable)
        if len(rows) < wanted or len(newest_first) >= limit:
            break
        wanted = min(limit - len(newest_first), MAX_INTEGER)
        rows = tx.rows("older_items", below=rows[-1][2], limit=wanted, **where)
    return newest_first[::-1]


def announce(tx: Transaction, session_id: str, branch_id: str, limit: int | None) -> None:
    """Announce the first query of `read`."""
    where = {"session_id": session_id, "branch_id": branch_id}
    if limit is None or limit < 0:
        tx.ahead("all_items", **where)
    elif limit:
        tx.ahead("newest_items", limit=min(limit, MAX_INTEGER), **where)


def newest_turns(
    tx: Transaction, session_id: str, branch_id: str, count: int, unreadable: Unreadable
) -> list[Item]:
    """All items of the newest `count` turns of a branch, in order.

    If the branch has no more turns than that, the items before the first turn are included.
    """
    if count == 0:
        return []
    where = {"session_id": session_id, "branch_id": branch_id}
    if count > MAX_INTEGER or tx.value("newest_turn", newer=count, **where) is None:
        return read(tx, session_id, branch_id, None, unreadable)
    first = tx.value("newest_turn", newer=count - 1, **where)
    return decoded(tx.each("items_since_turn", turn=first, **where), unreadable)


def before(
    tx: Transaction, session_id: str, branch_id: str, turn: int, unreadable: Unreadable
) -> list[Item]:
    """The items of a branch before a turn, in order."""
    rows = tx.each("items_before_turn", session_id=session_id, branch_id=branch_id, turn=turn)
    return decoded(rows, unreadable)


def announce_pop(tx: Transaction, session_id: str, branch_id: str) -> None:
    """Announce the queries of `pop`."""
    where = {"session_id": session_id, "branch_id": branch_id}
    tx.ahead("generation", session_id=session_id)
    tx.ahead("adoption_state", session_id=session_id)
    tx.ahead("branch_is_there", **where)
    tx.ahead("newest_row", **where)


def pop(tx: Transaction, session_id: str, branch_id: str) -> Item | None:
    """Remove and return the newest readable item of a branch; drop unreadable ones after it.

    A message that is also on another branch stays there.
    """
    adoption.adopt(tx, session_id)
    branches.require_for_writing(tx, session_id, branch_id)
    while row := tx.row("newest_row", session_id=session_id, branch_id=branch_id):
        newest = _NewestRow(*row)
        if not newest.turn_has_others:
            turn_usage.forget_turns(tx, session_id, branch_id, newest.turn)
        tx.execute("delete_structure_row", id=newest.id)
        if not newest.is_shown_elsewhere:
            if newest.was_removed:
                tx.execute("keep_message_for_removed", message_id=newest.message_id)
            tx.execute("delete_message", message_id=newest.message_id)
        if not newest.has_others:
            branches.note_emptied(tx, session_id, branch_id)
        try:
            return decode(newest.data)
        except ValueError:
            continue
    return None


def clear(tx: Transaction, session_id: str) -> int:
    """Delete all items of a session, on every branch; return its new clear generation.

    Its removed turns and branches, which could be restored, are deleted too, and so are its
    pending turns. Branch names stay taken: another instance may still be on one of the branches.
    """
    naming.reserve_all(tx, session_id)
    turn_usage.forget_session(tx, session_id)
    taking.purge(tx, session_id)
    tx.execute("delete_messages_of_session", session_id=session_id)
    tx.execute("delete_structure_of_session", session_id=session_id)
    tx.execute("delete_session", session_id=session_id)
    tx.execute("delete_branches_of_session", session_id=session_id)
    tx.execute("forget_cuts_of_session", session_id=session_id)
    for statement in _MARKS:
        tx.execute(statement, session_id=session_id)
    tx.execute("forget_place_of_import", session_id=session_id)
    holding.forget_session(tx, session_id)
    numbering.forget_last_row(tx, session_id)
    heads.reset(tx, session_id)
    generation: int = tx.value("bump_generation", session_id=session_id)
    return generation


def anchored(tx: Transaction, session_id: str, ref: TurnRef) -> TurnRef:
    """The reference with the row that began the turn, looked up if it is not known yet."""
    return ref if ref.anchor is not None else turn_ref(tx, session_id, ref.branch_id, ref.turn)


def turn_ref(tx: Transaction, session_id: str, branch_id: str, turn: int) -> TurnRef:
    """A lasting reference to an existing turn."""
    anchor = tx.value("turn_anchor", session_id=session_id, branch_id=branch_id, turn=turn)
    return TurnRef(branch_id, turn, anchor)
