"""The state of a branch that a write needs before it begins, read in one statement."""

from typing import NamedTuple

from convo.storage.transaction import Transaction
from convo.storage.values import text
from convo.structure import adoption, numbering
from convo.structure.numbering import Sequence


class BranchState(NamedTuple):
    """A branch and its session, once all messages have their structure.

    `generation` counts the clears of the session; None if nothing was written to it yet.
    `renamed_to` is the current name of the branch that once had this name. `last_turn` is None for
    a branch without items. `anchor_branch` and `anchor_turn` are the current location of the row
    `anchor`; None if it has been deleted.
    """

    generation: int | None
    session_is_there: bool
    is_there: bool
    renamed_to: str | None
    newest_message: int
    adopted_up_to: int
    last_turn: int | None
    sequence: Sequence
    anchor_branch: str | None
    anchor_turn: int | None


NEW = BranchState(
    generation=None,
    session_is_there=True,
    is_there=True,
    renamed_to=None,
    newest_message=0,
    adopted_up_to=0,
    last_turn=None,
    sequence=Sequence(0, is_worth_a_note=False, noted_row=None),
    anchor_branch=None,
    anchor_turn=None,
)
"""The state of `main` in a session that has just been created."""


def of(tx: Transaction, session_id: str, branch_id: str, anchor: int | None = None) -> BranchState:
    """The state of a branch, once every message of the session has its structure.

    With `anchor`, it includes where that row is now.
    """
    state = _read(tx, session_id, branch_id, anchor)
    if state.newest_message > state.adopted_up_to:
        adoption.adopt(tx, session_id)
        state = _read(tx, session_id, branch_id, anchor)
    return state


def _read(tx: Transaction, session_id: str, branch_id: str, anchor: int | None) -> BranchState:
    where = {"session_id": session_id, "branch_id": branch_id, "anchor": anchor}
    row = tx.row("branch_state", **where, **numbering.LIMITS)
    found = BranchState._make([*row[:7], Sequence(*row[7:10]), *row[10:]])
    return found if found.renamed_to is None else found._replace(renamed_to=text(found.renamed_to))
