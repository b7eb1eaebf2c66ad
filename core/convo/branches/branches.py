"""Create, find, list and delete branches.

A branch exists from its creation to its deletion, even while it is empty; `main` always exists. A
branch with items has rows in `message_structure`, which is all that the SDK knows; an empty one
has a row in `convo_branches`. A name that was used once is never used again.
"""

from typing import NamedTuple

from convo.branches import naming
from convo.errors import (
    BranchDeletedError,
    BranchNotFoundError,
    CurrentBranchError,
    InvalidNameError,
    NameTakenError,
    ProtectedBranchError,
    TurnNotFoundError,
)
from convo.items.decoding import still
from convo.names import made_names
from convo.records import MAIN
from convo.results import BranchSummary
from convo.storage.statements import blocks_beginning
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER, named, text, whole
from convo.structure import adoption, numbering
from convo.structure import state as branch_state
from convo.structure.state import BranchState
from convo.usage import turn_usage

_RENAMED = blocks_beginning("rename_branch_")
"""One statement for each table with branch names."""


CountedBranch = tuple[str, int, int, str]
"""A branch with the number of its messages and of its user turns, and the time of its creation."""


class BranchRow(NamedTuple):
    """One row of the list of branches."""

    branch_id: str
    messages: int
    turns: int
    created_at: str
    parent_branch_id: str | None
    forked_from_turn: int | None


def exists(tx: Transaction, session_id: str, branch_id: str) -> bool:
    """Whether the session has a branch of that name."""
    return bool(tx.value("branch_is_there", session_id=session_id, branch_id=branch_id))


def require(tx: Transaction, session_id: str, branch_id: str) -> None:
    """Raise `BranchNotFoundError`, worded as the contract has it, unless the branch exists."""
    if not exists(tx, session_id, branch_id):
        raise BranchNotFoundError(f"Branch '{branch_id}' does not exist")


def require_for_writing(tx: Transaction, session_id: str, branch_id: str) -> None:
    """Raise `BranchDeletedError` if the branch to be written to has been deleted."""
    if not exists(tx, session_id, branch_id):
        raise deleted(session_id, branch_id)


def deleted(session_id: str, branch_id: str) -> BranchDeletedError:
    """The error for a write to a deleted branch."""
    return BranchDeletedError(
        f"the branch '{branch_id}' of session '{session_id}' has been deleted",
        hint="switch to an existing branch",
    )


def names(tx: Transaction, session_id: str) -> list[str]:
    """The names of all existing branches."""
    rows = tx.rows("branch_names", session_id=session_id)
    return [name for (name,) in named(rows, "branch")]


def counted(tx: Transaction, session_id: str) -> list[CountedBranch]:
    """All branches, the oldest first."""
    are_many, are_short = _sizes(tx, session_id)
    with still:
        if are_short:
            found: list[CountedBranch] = tx.rows("list_short_branches", session_id=session_id)
            return found
        found = tx.rows("list_branches", session_id=session_id, are_many=are_many)
        return named(found, "branch")


def summaries(found: list[CountedBranch], *, current: str) -> list[BranchSummary]:
    """The branches that `counted` found, in the form that the contract prescribes."""
    with still:
        return [
            {
                "branch_id": branch_id,
                "message_count": messages,
                "user_turns": turns,
                "is_current": branch_id == current,
                "created_at": created_at,
            }
            for branch_id, messages, turns, created_at in found
        ]


def listed(tx: Transaction, session_id: str) -> list[BranchRow]:
    """All branches, the oldest first, with the turn that each was made from."""
    are_many, _ = _sizes(tx, session_id)
    rows = tx.rows("list_branches_with_parents", session_id=session_id, are_many=are_many)
    return [
        BranchRow(branch_id, messages, turns, created_at, text(parent), whole(forked_from_turn))
        for branch_id, messages, turns, created_at, parent, forked_from_turn in named(
            rows, "branch"
        )
    ]


def create(
    tx: Transaction,
    session_id: str,
    source: str,
    turn: int,
    name: str | None = None,
    *,
    stem: str | None = None,
    include_turn: bool = False,
) -> str:
    """Make a branch of the turns of `source` before `turn`, and return its name.

    With `include_turn`, it includes `turn`. Without `name`, a name is made from `stem`, or else in
    the form that the contract prescribes.
    """
    if name is not None and not name.strip():
        raise InvalidNameError("Branch name cannot be empty")
    state = branch_state.of(tx, session_id, source)
    candidates = naming.candidates(name, stem, turn)
    branch_id = next(candidates)
    # A number that the database cannot store is no turn's number.
    in_bounds = max(-MAX_INTEGER, min(turn, MAX_INTEGER))
    where = {"session_id": session_id, "branch_id": source}
    begins_turn, is_used = tx.row("fork_state", turn=in_bounds, new_branch_id=branch_id, **where)
    if not begins_turn or in_bounds != turn:
        raise TurnNotFoundError(f"Turn {turn} does not contain a user message in branch '{source}'")
    if is_used and name is not None:
        raise NameTakenError(f"Branch ID '{name}' has already been used. Choose a new branch ID.")
    if is_used:
        branch_id = naming.first_unused(tx, session_id, candidates)
    numbering.reserve_names(tx, session_id, branch_id, state.sequence)
    last_turn = turn if include_turn else turn - 1
    copied = copy_rows(tx, session_id, source, branch_id, last_turn=last_turn, state=state)
    tx.execute(
        "record_branch",
        session_id=session_id,
        branch_id=branch_id,
        parent_branch_id=source,
        forked_from_turn=turn,
        kept_empty=copied == 0,
    )
    return branch_id


def begin(tx: Transaction, session_id: str, stem: str) -> str:
    """Make a branch that begins with the session, and return its name, made from `stem`."""
    state = branch_state.of(tx, session_id, MAIN)
    branch_id = naming.first_unused(tx, session_id, naming.candidates(None, stem, 1))
    numbering.reserve_names(tx, session_id, branch_id, state.sequence)
    tx.execute(
        "record_branch",
        session_id=session_id,
        branch_id=branch_id,
        parent_branch_id=MAIN,
        forked_from_turn=1,
        kept_empty=True,
    )
    return branch_id


def create_at_end(tx: Transaction, session_id: str, source: str, stem: str) -> str:
    """Make a branch with all rows of another, which may have no turn; return its name."""
    state = branch_state.of(tx, session_id, source)
    branch_id = naming.first_unused(tx, session_id, made_names(stem))
    numbering.reserve_names(tx, session_id, branch_id, state.sequence)
    numbers = numbering.number_range(tx, session_id, source)
    copied = copy_rows(tx, session_id, source, branch_id, state=state)
    tx.execute(
        "record_branch",
        session_id=session_id,
        branch_id=branch_id,
        parent_branch_id=source,
        forked_from_turn=1 if numbers is None else numbers[1],
        kept_empty=copied == 0,
    )
    return branch_id


def check_deletable(branch_id: str, *, current: str, force: bool) -> None:
    """Raise an error if a branch must not be deleted, whether or not it exists."""
    if not branch_id.strip():
        raise InvalidNameError("Branch ID cannot be empty")
    if branch_id == MAIN:
        raise ProtectedBranchError("Cannot delete the 'main' branch")
    if branch_id == current and not force:
        raise CurrentBranchError(
            f"Cannot delete current branch '{branch_id}'. Use force=True or switch branches first"
        )


def delete(tx: Transaction, session_id: str, branch_id: str) -> None:
    """Delete a branch and the messages that are on no other branch; its name stays taken."""
    adoption.adopt(tx, session_id)
    require(tx, session_id, branch_id)
    where = {"session_id": session_id, "branch_id": branch_id}
    tx.execute("reserve_branch_name", **where)
    turn_usage.forget_turns(tx, session_id, branch_id)
    tx.execute("keep_messages_for_removed", **where)
    tx.execute("delete_messages_of_branch", **where)
    tx.execute("delete_structure_of_branch", **where)
    tx.execute("delete_branch_record", **where)
    tx.execute("forget_branch_in_head", **where)


def rename(tx: Transaction, session_id: str, old: str, new: str) -> None:
    """Give a branch a name that no branch ever had; sessions on the old name lose the branch."""
    if tx.value("branch_name_was_used", session_id=session_id, new_branch_id=new):
        raise NameTakenError(
            f"the branch name '{new}' has been used", hint="names are not reused: choose another"
        )
    for branch_id in (old, new):
        tx.execute("reserve_branch_name", session_id=session_id, branch_id=branch_id)
    tx.execute("delete_branch_record", session_id=session_id, branch_id=new)
    for statement in _RENAMED:
        tx.execute(statement, session_id=session_id, old=old, new=new)
    tx.execute("note_renamed_branch", session_id=session_id, old=old, new=new)


def renamed_to(tx: Transaction, session_id: str, branch_id: str) -> str | None:
    """The current name of the branch that once had this name; None if there is no such branch."""
    new: str | None = tx.value("branch_renamed_to", session_id=session_id, branch_id=branch_id)
    return new if new is not None and exists(tx, session_id, new) else None


def copy_rows(
    tx: Transaction,
    session_id: str,
    source: str,
    target: str,
    *,
    last_turn: int = MAX_INTEGER,
    before: int = MAX_INTEGER,
    state: BranchState | None = None,
) -> int:
    """Copy the rows of a branch to another, up to a turn or a sequence number; return their number.

    Pass the `state` of any branch of the session if it has been read already.
    """
    sequence = numbering.sequence_of(tx, session_id) if state is None else state.sequence
    copied = tx.change(
        "copy_rows",
        session_id=session_id,
        branch_id=source,
        new_branch_id=target,
        last_turn=last_turn,
        before=before,
        last_sequence=sequence.last,
    )
    if copied:
        numbering.note_last_row(tx, session_id, target, sequence)
    return copied


def copy_later_rows(
    tx: Transaction, session_id: str, source: str, target: str, *, after: int, first: int
) -> None:
    """Copy the rows of later turns to the end of another branch, numbered from `first`."""
    sequence = numbering.sequence_of(tx, session_id)
    copied = tx.change(
        "copy_later_rows",
        session_id=session_id,
        branch_id=source,
        new_branch_id=target,
        turn=after,
        shift=after + 1 - first,
        last_sequence=sequence.last,
    )
    if copied:
        numbering.note_last_row(tx, session_id, target, sequence)


def note_emptied(tx: Transaction, session_id: str, branch_id: str) -> None:
    """Keep a branch that may have just lost its last row."""
    where = {"session_id": session_id, "branch_id": branch_id}
    if not tx.value("branch_has_rows", **where):
        tx.execute("reserve_branch_name", **where)
        tx.execute("set_kept_empty", kept_empty=True, **where)


def note_filled(tx: Transaction, session_id: str, branch_id: str) -> None:
    """Note that an empty branch is about to get its first row, which will show that it exists."""
    tx.execute("reserve_branch_name", session_id=session_id, branch_id=branch_id)
    tx.execute("set_kept_empty", session_id=session_id, branch_id=branch_id, kept_empty=False)


def _sizes(tx: Transaction, session_id: str) -> tuple[bool, bool]:
    """Whether a session has had many branches, and whether these can be listed in one pass."""
    found = tx.row("sizes_of_branches", session_id=session_id)
    return found is not None, bool(found and found[0])
