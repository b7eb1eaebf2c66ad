"""Adoption: put messages without structure, as the SDK's plain session writes them, on `main`.

Their ids determine their places before, between and after the messages that are already there;
the turns are renumbered to match.
"""

from collections.abc import Iterable
from contextlib import closing
from itertools import chain

from convo.items.encoding import decode, message_type, tool_name
from convo.records import MAIN
from convo.storage.storage import CatchUp
from convo.storage.transaction import Transaction
from convo.structure import numbering
from convo.structure.numbering import renumber

PlainRow = tuple[int, bytes | None, str]
"""A message without structure: its id, its data, and the time when it was stored."""


def adopt(tx: Transaction, session_id: str) -> None:
    """Create the missing structure of a session's messages, and record the last message."""
    newest, up_to = tx.row("adoption_state", session_id=session_id)
    if newest <= up_to:
        return
    # One at a time: all messages of a file may be plain, and too large for memory together.
    with closing(tx.each("plain_messages", session_id=session_id, adopted_up_to=up_to)) as plain:
        if first := next(plain, None):
            _adopt_rows(tx, session_id, first, plain)
    tx.execute("note_filled_by_others", session_id=session_id)
    note(tx, session_id, newest)


def note(tx: Transaction, session_id: str, message_id: int) -> None:
    """Record that every message up to `message_id` has its structure."""
    tx.execute("note_adopted", session_id=session_id, message_id=message_id)


def behind(tx: Transaction, session_id: str | None) -> list[str]:
    """The sessions, of one or with None of all, with messages that have not been checked."""
    if session_id is None:
        return [name for (name,) in tx.rows("sessions_with_news")]
    newest, up_to = tx.row("adoption_state", session_id=session_id)
    return [session_id] if newest > up_to else []


ADOPTION = CatchUp(behind, adopt)
"""The work to do before each read of a database that other programs write to."""


def _adopt_rows(
    tx: Transaction, session_id: str, first: PlainRow, others: Iterable[PlainRow]
) -> None:
    stands_before_others = tx.value(
        "main_has_later_message", session_id=session_id, message_id=first[0]
    )
    sequence = numbering.sequence_of(tx, session_id).last
    turn = tx.value("last_turn", session_id=session_id, branch_id=MAIN) or 0
    for message_id, data, created_at in chain([first], others):
        kind, tool = _described(data)
        sequence += 1
        turn += kind == "user"
        tx.execute(
            "adopt_message",
            session_id=session_id,
            message_id=message_id,
            message_type=kind,
            tool_name=tool,
            sequence_number=sequence,
            # A place between other rows requires renumbering: until then, the row has no turn.
            turn=None if stands_before_others else turn,
            created_at=created_at,
        )
    if stands_before_others:
        renumber(tx, session_id, MAIN, by_message=True)


def _described(data: bytes | None) -> tuple[str, str | None]:
    try:
        item = decode(data)
    except ValueError:
        return "other", None
    return message_type(item), tool_name(item)
