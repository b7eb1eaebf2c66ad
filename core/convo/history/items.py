"""The items of a branch: appended, read, taken back, cleared."""

from collections.abc import Sequence

from convo.branches import branches, heads
from convo.items.decoding import decoded
from convo.items.encoding import EncodedItem, Item, decode
from convo.items.unreadable import Unreadable
from convo.pending import holding
from convo.records import TurnRef
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER
from convo.structure import adoption, sequences
from convo.undo import taking
from convo.usage import turn_usage

_ABOVE_ALL = b"\xff" * 16
"""Bytes are greater than any number and any text, which may stand where a number should."""


def append(
    tx: Transaction,
    session_id: str,
    branch_id: str,
    items: Sequence[EncodedItem],
    run_turn: TurnRef | None = None,
) -> TurnRef:
    """Append items to a branch and return the turn in which the last of them stands.

    Each user message begins a turn. Items before the first user message belong to `run_turn`,
    the turn of the run that they come from, if that is on this branch; else to the last turn.
    """
    adoption.adopt(tx, session_id)
    branches.require_for_writing(tx, session_id, branch_id)
    tx.execute("touch_session", session_id=session_id)
    tx.execute("ensure_generation", session_id=session_id)
    last_turn: int | None = tx.value("last_turn", session_id=session_id, branch_id=branch_id)
    if last_turn is None:
        branches.note_filled(tx, session_id, branch_id)
    ref = run_turn if run_turn and run_turn.branch_id == branch_id else None
    turn = ref.turn if ref else last_turn or 0
    highest = last_turn or 0
    sequence, has_many_branches = sequences.last_to_append(tx, session_id)
    message_id = 0
    for item in items:
        sequence += 1
        if item.begins_turn:
            turn = highest = highest + 1
        message_id = _insert(tx, "append_message", session_id=session_id, message_data=item.data)
        structure_id = _insert(
            tx,
            "append_structure",
            session_id=session_id,
            message_id=message_id,
            branch_id=branch_id,
            message_type=item.message_type,
            sequence_number=sequence,
            turn=turn,
            tool_name=item.tool_name,
        )
        if item.begins_turn:
            ref = TurnRef(branch_id, turn, structure_id)
    adoption.note(tx, session_id, message_id)
    if has_many_branches:
        sequences.note(tx, session_id, branch_id)
    return ref or turn_ref(tx, session_id, branch_id, turn)


def last_turn(tx: Transaction, session_id: str, branch_id: str) -> TurnRef | None:
    """The last turn of a branch, to write to it; None where the branch has no item."""
    adoption.adopt(tx, session_id)
    turn = tx.value("last_turn", session_id=session_id, branch_id=branch_id)
    return None if turn is None else turn_ref(tx, session_id, branch_id, turn)


def found_again(tx: Transaction, session_id: str, ref: TurnRef) -> TurnRef | None:
    """Where a turn is by now, on whatever branch and with whatever number; None if it is gone."""
    row = tx.row("anchor_place", session_id=session_id, id=ref.anchor)
    return None if row is None else TurnRef(row[0], row[1], ref.anchor)


def read(
    tx: Transaction,
    session_id: str,
    branch_id: str,
    limit: int | None,
    unreadable: Unreadable,
) -> list[Item]:
    """The items of a branch in order; of the readable ones the newest `limit`, if that is > 0.

    A limit of None or below 0 is none at all, as in SQLite.
    """
    if limit is None or limit < 0:
        return decoded(tx.each("all_items", session_id=session_id, branch_id=branch_id), unreadable)
    newest_first: list[Item] = []
    below: object = _ABOVE_ALL
    while len(newest_first) < limit:
        wanted = min(limit - len(newest_first), MAX_INTEGER)
        rows = tx.rows(
            "newest_items", session_id=session_id, branch_id=branch_id, below=below, limit=wanted
        )
        newest_first += decoded(rows, unreadable)
        if len(rows) < wanted:
            break
        below = rows[-1][2]
    return newest_first[::-1]


def newest_turns(
    tx: Transaction, session_id: str, branch_id: str, count: int, unreadable: Unreadable
) -> list[Item]:
    """The items of the newest `count` turns of a branch, whole and in order.

    All items where it has no more turns than that, what stands before the first turn included.
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
    """The items of a branch that stand before a turn, in order."""
    rows = tx.each("items_before_turn", session_id=session_id, branch_id=branch_id, turn=turn)
    return decoded(rows, unreadable)


def pop(tx: Transaction, session_id: str, branch_id: str) -> Item | None:
    """Take the newest readable item off a branch, and every unreadable one above it.

    A message that another branch shows stays there.
    """
    adoption.adopt(tx, session_id)
    branches.require_for_writing(tx, session_id, branch_id)
    while row := tx.row("newest_structure", session_id=session_id, branch_id=branch_id):
        structure_id, message_id, turn = row
        data = tx.value("message_data", message_id=message_id)
        if not tx.value(
            "turn_has_other_items",
            session_id=session_id,
            branch_id=branch_id,
            turn=turn,
            id=structure_id,
        ):
            turn_usage.forget_turns(tx, session_id, branch_id, turn)
        tx.execute("delete_structure_row", id=structure_id)
        tx.execute("keep_message_for_removed", message_id=message_id)
        tx.execute("delete_message_if_unshown", message_id=message_id)
        branches.note_emptied(tx, session_id, branch_id)
        try:
            return decode(data)
        except ValueError:
            continue
    return None


def clear(tx: Transaction, session_id: str) -> int:
    """Remove all that a session has said, on every branch; return its new clear generation.

    What was taken off it goes too, and so do the prompts that wait in it. The names of its
    branches stay taken: another instance may still be on one of them.
    """
    adoption.adopt(tx, session_id)
    branches.reserve_all(tx, session_id)
    turn_usage.forget_session(tx, session_id)
    taking.purge(tx, session_id)
    tx.execute("delete_messages_of_session", session_id=session_id)
    tx.execute("delete_structure_of_session", session_id=session_id)
    tx.execute("delete_session", session_id=session_id)
    tx.execute("delete_branches_of_session", session_id=session_id)
    tx.execute("forget_cuts_of_session", session_id=session_id)
    holding.forget_session(tx, session_id)
    sequences.forget(tx, session_id)
    heads.reset(tx, session_id)
    tx.execute("bump_generation", session_id=session_id)
    generation: int = tx.value("generation", session_id=session_id)
    return generation


def turn_ref(tx: Transaction, session_id: str, branch_id: str, turn: int) -> TurnRef:
    """A turn that is there, for good."""
    anchor = tx.value("turn_anchor", session_id=session_id, branch_id=branch_id, turn=turn)
    return TurnRef(branch_id, turn, anchor)


def _insert(tx: Transaction, name: str, **values: object) -> int:
    row_id: int = tx.value(name, **values)
    return row_id
