"""Messages without structure, as the SDK's plain session writes them, are put on `main`.

They take the places that their ids give them: before, between and after the messages that are
there already, with the turns numbered to match.
"""

from collections.abc import Callable, Iterable
from contextlib import closing
from itertools import chain
from typing import Any, TypeVar

from convo.errors import DatabaseError
from convo.items.encoding import decode, message_type, tool_name
from convo.records import MAIN
from convo.sqlite.database import Database
from convo.storage.storage import Access, Change
from convo.storage.transaction import Transaction
from convo.structure import sequences
from convo.structure.numbering import renumber

T = TypeVar("T")

PlainRow = tuple[int, bytes | None, str]
"""A message without structure: its id, what is stored of it, and when it was."""

_PATIENCE = 1.0
"""Seconds that a read waits for a lock, to store what it found without structure."""

_PENDING: Any = object()


async def read_adopted(
    database: Database, access: Access, session_id: str | None, work: Callable[[Transaction], T]
) -> T:
    """Read a session, or with None all of them, once every message has its structure."""

    def look(tx: Transaction) -> T:
        pending: T = _PENDING
        return pending if _pending(tx, session_id) else work(tx)

    result = await database.read(access, look)
    if result is not _PENDING:
        return result

    def catch_up(tx: Transaction) -> None:
        for name in _pending(tx, session_id):
            adopt(tx, name)

    try:
        patience = min(access.lock_timeout, _PATIENCE)
        await database.write(access._replace(lock_timeout=patience), catch_up)
    except DatabaseError:
        # Reading must be possible where writing is not: the structure is made for this read alone.
        return await database.read(access, work, after=Change(session_id, catch_up))
    return await database.read(access, work)


def adopt(tx: Transaction, session_id: str) -> None:
    """Give every message of the session its structure, and remember up to where that holds."""
    newest, up_to = tx.row("adoption_state", session_id=session_id)
    if newest <= up_to:
        return
    # One after the other: all messages of a file may be plain, and take more room than there is.
    with closing(tx.run("plain_messages", session_id=session_id, adopted_up_to=up_to)) as plain:
        if first := plain.fetchone():
            _adopt_rows(tx, session_id, first, plain)
    tx.run("note_filled_by_others", session_id=session_id)
    note(tx, session_id, newest)


def note(tx: Transaction, session_id: str, message_id: int) -> None:
    """Remember that every message up to `message_id` has its structure."""
    tx.run("note_adopted", session_id=session_id, message_id=message_id)


def _pending(tx: Transaction, session_id: str | None) -> list[str]:
    """The sessions with messages that nobody has looked at since they were written."""
    if session_id is None:
        return [name for (name,) in tx.rows("sessions_with_news")]
    newest, up_to = tx.row("adoption_state", session_id=session_id)
    return [session_id] if newest > up_to else []


def _adopt_rows(
    tx: Transaction, session_id: str, first: PlainRow, others: Iterable[PlainRow]
) -> None:
    stands_before_others = tx.value(
        "main_has_later_message", session_id=session_id, message_id=first[0]
    )
    sequence = sequences.last(tx, session_id)
    turn = tx.value("last_turn", session_id=session_id, branch_id=MAIN) or 0
    for message_id, data, created_at in chain([first], others):
        kind, tool = _described(data)
        sequence += 1
        turn += kind == "user"
        tx.run(
            "adopt_message",
            session_id=session_id,
            message_id=message_id,
            message_type=kind,
            tool_name=tool,
            sequence_number=sequence,
            # A place between others is found by numbering all again: the row is of no turn yet.
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
