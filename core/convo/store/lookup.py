"""Moving about in a session: forks, switches and deletions that take the head along.

Unlike the methods of `AdvancedSQLiteSession`, whose wording the contract fixes, these say what
there is instead of what was asked for.
"""

from collections.abc import Sequence

from convo.branches import branches, heads
from convo.errors import (
    BranchNotFoundError,
    CurrentBranchError,
    InvalidNameError,
    NoMatchError,
    ProtectedBranchError,
    TurnNotFoundError,
)
from convo.history import turns
from convo.items.decoding import Unreadable
from convo.names import check_name, nearest, only_beginning
from convo.records import MAIN, Location, Removed, Restored
from convo.storage.search_index import SearchIndex, Stale
from convo.storage.transaction import Transaction
from convo.store import catalog
from convo.structure import adoption, numbering
from convo.undo import taking

_EMPTY = "a branch name cannot be empty"


def require_branch(tx: Transaction, session_id: str, branch_id: str) -> None:
    """Raise `SessionNotFoundError` or `BranchNotFoundError`, naming the nearest."""
    catalog.require(tx, session_id)
    if not branches.exists(tx, session_id, branch_id):
        new = branches.renamed_to(tx, session_id, branch_id)
        raise BranchNotFoundError(
            f"no branch '{branch_id}' in session '{session_id}'",
            hint=nearest(branch_id, branches.names(tx, session_id))
            if new is None
            else f"it is called '{new}' now",
        )


def branch_called(tx: Transaction, session_id: str, name: str) -> str:
    """The branch of that name, or the only one whose name begins so.

    Raises `SessionNotFoundError` or `BranchNotFoundError`, naming the nearest or those that it may
    be, and `InvalidNameError` for a blank name. A name that a branch once had stands for no other.
    """
    catalog.require(tx, session_id)
    if not name.strip():
        raise InvalidNameError(_EMPTY)
    if branches.exists(tx, session_id, name):
        return name
    found = None
    if branches.renamed_to(tx, session_id, name) is None:
        found = only_beginning(name, branches.names(tx, session_id))
    if found is None:
        require_branch(tx, session_id, name)
    return found or name


def require_turn(tx: Transaction, session_id: str, branch_id: str, turn: int) -> None:
    """Raise `TurnNotFoundError`, saying which turns there are, unless that one is."""
    first, last = _turns_there(tx, session_id, branch_id, turn)
    if not first <= turn <= last:
        raise _no_turn(branch_id, turn, first, last)


def turn_numbered(tx: Transaction, session_id: str, branch_id: str, number: int) -> int:
    """The turn of a number, below 0 counted from the end; raises `TurnNotFoundError`."""
    first, last = _turns_there(tx, session_id, branch_id, number)
    turn = number if number >= 0 else last + 1 + number
    if not first <= turn <= last:
        raise _no_turn(branch_id, number, first, last)
    return turn


def _turns_there(tx: Transaction, session_id: str, branch_id: str, turn: int) -> tuple[int, int]:
    there = numbering.number_range(tx, session_id, branch_id)
    if there is None:
        raise TurnNotFoundError(f"no turn {turn} on branch '{branch_id}': it has no turns yet")
    return there


def _no_turn(branch_id: str, turn: int, first: int, last: int) -> TurnNotFoundError:
    known = f"turns {first}-{last}" if first < last else f"turn {first} only"
    return TurnNotFoundError(f"no turn {turn} on branch '{branch_id}': it has {known}")


def turn_saying(
    tx: Transaction,
    index: SearchIndex,
    session_id: str,
    branch_id: str,
    text: str,
    unreadable: Unreadable,
) -> int:
    """The first turn that says `text`; raises `NoMatchError` where none does.

    A stale index is done without.
    """
    matches = turns.containing(tx, index, session_id, branch_id, text, unreadable)
    if isinstance(matches, Stale):
        matches = turns.containing(tx, None, session_id, branch_id, text, unreadable)
    if not matches or isinstance(matches, Stale):
        raise NoMatchError(f"no turn on branch '{branch_id}' says '{text}'")
    return matches[0]["turn"]


def branch_off(
    tx: Transaction,
    location: Location,
    turn: int,
    name: str | None,
    *,
    stem: str | None,
    include_turn: bool,
    expected: str | None,
) -> str:
    """Make a branch from a turn, and move the head to it from `expected`, unless that is None.

    Where no `name` is given, one is made of `stem`, or else of the turn's number.
    """
    if name is not None:
        check_name("branch", name)
    session_id, source = location
    require_branch(tx, session_id, source)
    require_turn(tx, session_id, source, turn)
    made = stem or f"{'after' if include_turn else 'turn'}-{turn}"
    branch_id = branches.create(
        tx, session_id, source, turn, name, stem=made, include_turn=include_turn
    )
    if expected is not None:
        heads.move(tx, session_id, branch_id, expected=expected)
    return branch_id


def switch(tx: Transaction, session_id: str, branch_id: str, *, expected: str) -> None:
    """Move the head to a branch that is there."""
    require_branch(tx, session_id, branch_id)
    heads.move(tx, session_id, branch_id, expected=expected)


def undo(tx: Transaction, session_id: str, branch_id: str, count: int) -> Removed:
    """Take the last `count` turns off a branch; `restore` brings them back."""
    require_branch(tx, session_id, branch_id)
    return taking.undo(tx, session_id, branch_id, count)


def delete_branches(
    tx: Transaction, session_id: str, branch_ids: Sequence[str], *, force: bool
) -> None:
    """Delete branches, all or none; the head leaves a deleted one for `main`.

    `restore` brings them back.
    """
    catalog.require(tx, session_id)
    current = heads.of_session(tx, session_id).branch_id
    unique = list(dict.fromkeys(branch_ids))
    # All are looked at first: what is said of one must not depend on another's being gone.
    for branch_id in unique:
        if not branch_id.strip():
            raise InvalidNameError(_EMPTY)
        if branch_id == MAIN:
            raise ProtectedBranchError(
                f"the branch '{MAIN}' cannot be deleted: every session has it",
                hint="take back its turns, or delete the session",
            )
        require_branch(tx, session_id, branch_id)
        if branch_id == current and not force:
            raise CurrentBranchError(
                f"'{branch_id}' is the current branch",
                hint="switch to another branch first, or force it",
            )
    taking.delete_branches(tx, session_id, unique)


def restore(
    tx: Transaction, session_id: str, branch_id: str | None, indexes: Sequence[SearchIndex]
) -> list[Restored]:
    """Bring back what was taken last, or what was taken last of a branch; the head stays."""
    catalog.require(tx, session_id)
    return taking.restore(tx, session_id, branch_id, indexes)


def rename_branch(tx: Transaction, session_id: str, old: str, new: str) -> None:
    """Give a branch another name; both names stay taken, and the head goes along."""
    check_name("branch", new)
    require_branch(tx, session_id, old)
    if old == MAIN:
        raise ProtectedBranchError(
            f"the branch '{MAIN}' cannot be renamed: every session has it",
            hint="branch off under the name that you want",
        )
    adoption.adopt(tx, session_id)
    branches.rename(tx, session_id, old, new)
