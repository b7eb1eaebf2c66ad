"""The greatest sequence number of a session: the next item's is one more.

It is that of the last row of some branch. Where there are many branches to look at, the row that
has it is noted; what others have written since is told by the ids of rows, which only grow. The
names of all branches are reserved by then, so that only those of later rows may not be.
"""

from convo.storage.transaction import Transaction

_FEW = 50
"""Branches that are looked at sooner than a note is."""

_TAIL = 1_000
"""Rows beyond the noted one that are looked at sooner than all branches are."""


def last(tx: Transaction, session_id: str) -> int:
    """The greatest sequence number in use; 0 where there is none."""
    known = _noted(tx, session_id)
    return _walked(tx, session_id)[0] if known is None else known


def last_to_append(tx: Transaction, session_id: str) -> tuple[int, bool]:
    """As `last`, and whether the row that gets the next number is worth a note."""
    known = _noted(tx, session_id)
    if known is not None:
        return known, True
    sequence, branches = _walked(tx, session_id)
    is_worth_a_note = branches > _FEW
    if is_worth_a_note:
        tx.execute("reserve_names_in_use", session_id=session_id)
    return sequence, is_worth_a_note


def reserve_names(tx: Transaction, session_id: str) -> None:
    """Reserve the names of all branches; those that older SDKs made are not reserved yet."""
    noted = _noted_row(tx, session_id)
    if noted is None:
        tx.execute("reserve_names_in_use", session_id=session_id)
    else:
        tx.execute("reserve_names_since", session_id=session_id, row_id=noted[0])


def is_noted(tx: Transaction, session_id: str) -> bool:
    """Whether a row is noted, because the session has had many branches."""
    return tx.row("noted_last_row", session_id=session_id) is not None


def note(tx: Transaction, session_id: str, branch_id: str) -> None:
    """Note that the last row of a branch is the session's newest, with the greatest number."""
    tx.execute("note_last_row", session_id=session_id, branch_id=branch_id)


def forget(tx: Transaction, session_id: str) -> None:
    """To be called where rows that are there get other numbers, or come back."""
    tx.execute("forget_last_row", session_id=session_id)


def _noted(tx: Transaction, session_id: str) -> int | None:
    noted = _noted_row(tx, session_id)
    if noted is None:
        return None
    row_id, sequence = noted
    later = tx.value("last_sequence_since", session_id=session_id, row_id=row_id)
    return max(sequence, later or 0)


def _noted_row(tx: Transaction, session_id: str) -> tuple[int, int] | None:
    """The noted row and its number, unless too many have been written since."""
    row = tx.row("noted_last_row", session_id=session_id)
    if row is None:
        return None
    row_id, sequence, newest = row
    return None if newest - row_id > _TAIL else (row_id, int(sequence))


def _walked(tx: Transaction, session_id: str) -> tuple[int, int]:
    sequence, branches = tx.row("last_sequence", session_id=session_id)
    return sequence or 0, branches
