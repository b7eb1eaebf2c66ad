"""The greatest sequence number of a session: the next item's is one more.

It is that of the last row of some branch. Where there are many branches to look at, the row that
has it is noted; what others have written since is told by the ids of rows, which only grow. The
names of all branches are reserved by then, so that only those of later rows may not be.
"""

from typing import NamedTuple

from convo.storage.transaction import Transaction

LIMITS = {"few": 50, "tail": 1_000}
"""So many branches are looked at sooner than a note is; so many rows beyond the noted one, sooner
than all branches are."""


class Sequence(NamedTuple):
    """The greatest sequence number of a session, 0 where there is none.

    `is_worth_a_note` says that the row that gets the next number is to be noted, `noted_row` is
    the one that was, None where there is none or too many rows have come since.
    """

    last: int
    is_worth_a_note: bool
    noted_row: int | None


def of(tx: Transaction, session_id: str) -> Sequence:
    """The greatest sequence number in use."""
    return Sequence._make(tx.row("newest_sequence", session_id=session_id, **LIMITS))


def reserve_names(tx: Transaction, session_id: str, branch_id: str, sequence: Sequence) -> None:
    """Reserve a name, and those of all branches; older SDKs did not reserve those that they made.

    `sequence` is that of the session as it stands.
    """
    where = {"session_id": session_id, "branch_id": branch_id}
    if sequence.noted_row is None:
        tx.execute("reserve_names_and_another", **where)
    else:
        tx.execute("reserve_names_since", row_id=sequence.noted_row, **where)


def is_noted(tx: Transaction, session_id: str) -> bool:
    """Whether a row is noted, because the session has had many branches."""
    return tx.row("noted_last_row", session_id=session_id) is not None


def note(tx: Transaction, session_id: str, branch_id: str, before: Sequence) -> None:
    """Note that the last row of a branch is the session's newest, if that is worth a note.

    `before` is the sequence of the session as it was before that row.
    """
    if before.is_worth_a_note:
        if before.noted_row is None:
            tx.execute("reserve_names_in_use", session_id=session_id)
        tx.execute("note_last_row", session_id=session_id, branch_id=branch_id)


def forget(tx: Transaction, session_id: str) -> None:
    """To be called where rows that are there get other numbers, or come back."""
    tx.execute("forget_last_row", session_id=session_id)
