"""Names of new branches: a name that a branch of the session once had is never used again."""

import itertools
import json
import time
from collections.abc import Iterator

from convo.names import made_names
from convo.storage.transaction import Transaction


def reserve_all(tx: Transaction, session_id: str) -> None:
    """Reserve the names of all branches."""
    tx.execute("reserve_names_in_use", session_id=session_id)


def reserve_derived(tx: Transaction, session_id: str, base: str) -> str:
    """Reserve `base`, with the first number that makes it unused if needed, and return it."""
    return _reserved(tx, session_id, _derived_names(base))


def reserve_made(tx: Transaction, session_id: str, stem: str) -> str:
    """Reserve a name made from `stem` that no branch ever had, and return it."""
    return _reserved(tx, session_id, made_names(stem))


def candidates(name: str | None, stem: str | None, turn: int) -> Iterator[str]:
    """Names for a new branch, the best first."""
    if name is not None:
        return iter([name])
    if stem is not None:
        return made_names(stem)
    return _derived_names(f"branch_from_turn_{turn}_{int(time.time())}")


def first_unused(tx: Transaction, session_id: str, candidates: Iterator[str]) -> str:
    """The first name that no branch of the session ever had.

    Each question asks for more names than the one before: the database may be far away.
    """
    name = next(candidates)
    if not tx.value("branch_name_was_used", session_id=session_id, new_branch_id=name):
        return name
    size = 8
    while True:
        names = list(itertools.islice(candidates, size))
        found = tx.rows("branch_names_used", session_id=session_id, names=json.dumps(names))
        used = {name for (name,) in found}
        if unused := next((name for name in names if name not in used), None):
            return unused
        size *= 2


def _derived_names(base: str) -> Iterator[str]:
    yield base
    for count in itertools.count(2):
        yield f"{base}_{count}"


def _reserved(tx: Transaction, session_id: str, candidates: Iterator[str]) -> str:
    branch_id = first_unused(tx, session_id, candidates)
    tx.execute("reserve_branch_name", session_id=session_id, branch_id=branch_id)
    return branch_id
