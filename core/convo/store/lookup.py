"""Find a session, branch or turn by name or number.

Unlike the errors of `AdvancedSQLiteSession`, whose wording the contract fixes, those raised here
say which names and numbers exist.
"""

import re

from convo.branches import branches
from convo.errors import (
    BranchNotFoundError,
    InvalidNameError,
    NoMatchError,
    TurnNotFoundError,
)
from convo.history import turns
from convo.items.decoding import Unreadable
from convo.marks import marks
from convo.names import nearest, only_beginning
from convo.storage.search_index import SearchIndex, Stale
from convo.storage.transaction import Transaction
from convo.store import catalog
from convo.structure import numbering

LAST = -1
"""The number that stands for the last turn."""

_NUMBER = re.compile(r"-?[0-9]{1,30}")
"""A number; no tag looks like one."""

EMPTY = "a branch name cannot be empty"


def require_branch(tx: Transaction, session_id: str, branch_id: str) -> None:
    """Raise `SessionNotFoundError` or `BranchNotFoundError`, with the nearest name."""
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
    """The branch of that name, or the only one that begins with it.

    Raises `SessionNotFoundError` or `BranchNotFoundError` with the nearest or the possible names,
    and `InvalidNameError` for a blank name. The former name of a branch is not taken as the
    beginning of another one.
    """
    catalog.require(tx, session_id)
    if not name.strip():
        raise InvalidNameError(EMPTY)
    if branches.exists(tx, session_id, name):
        return name
    found = None
    if branches.renamed_to(tx, session_id, name) is None:
        found = only_beginning(name, branches.names(tx, session_id))
    if found is None:
        require_branch(tx, session_id, name)
    return found or name


def require_turn(tx: Transaction, session_id: str, branch_id: str, turn: int) -> None:
    """Raise `TurnNotFoundError`, with the existing turns, unless the turn exists."""
    first, last = _turns_there(tx, session_id, branch_id, turn)
    if not first <= turn <= last:
        raise _no_turn(branch_id, turn, first, last)


def turn_numbered(tx: Transaction, session_id: str, branch_id: str, number: int) -> int:
    """The turn with a number, counted from the end if below 0; raises `TurnNotFoundError`."""
    first, last = _turns_there(tx, session_id, branch_id, number)
    turn = number if number >= 0 else last + 1 + number
    if not first <= turn <= last:
        raise _no_turn(branch_id, number, first, last)
    return turn


def turn_called(tx: Transaction, session_id: str, branch_id: str, name: str | int) -> int:
    """The turn with a number, counted from the end if below 0, or with a tag.

    Raises `TurnNotFoundError` and `TagNotFoundError`.
    """
    if isinstance(name, str) and _NUMBER.fullmatch(name) is None:
        return marks.turn_tagged(tx, session_id, branch_id, name)
    return turn_numbered(tx, session_id, branch_id, int(name))


def _turns_there(tx: Transaction, session_id: str, branch_id: str, turn: int) -> tuple[int, int]:
    found = numbering.number_range(tx, session_id, branch_id)
    if found is None:
        if turn == LAST:
            raise TurnNotFoundError(f"branch '{branch_id}' has no turns yet")
        raise TurnNotFoundError(f"no turn {turn} on branch '{branch_id}': it has no turns yet")
    return found


def _no_turn(branch_id: str, turn: int, first: int, last: int) -> TurnNotFoundError:
    known = f"turns {first}-{last}" if first < last else f"turn {first} only"
    return TurnNotFoundError(f"no turn {turn} on branch '{branch_id}': it has {known}")


def turn_saying(
    tx: Transaction,
    index: SearchIndex | None,
    session_id: str,
    branch_id: str,
    text: str,
    unreadable: Unreadable,
) -> int:
    """The first turn that contains `text`; raises `NoMatchError` if none does.

    A stale index is not used.
    """
    matches = turns.containing(tx, index, session_id, branch_id, text, unreadable)
    if isinstance(matches, Stale):
        matches = turns.containing(tx, None, session_id, branch_id, text, unreadable)
    if not matches or isinstance(matches, Stale):
        raise NoMatchError(f"no turn on branch '{branch_id}' says '{text}'")
    return matches[0]["turn"]
