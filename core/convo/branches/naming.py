"""Names of new branches: a name that a branch of the session once had is never used again."""

import itertools
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
    """The first name that no branch of the session ever had."""
    return next(
        name
        for name in candidates
        if not tx.value("branch_name_was_used", session_id=session_id, new_branch_id=name)
    )


def _derived_names(base: str) -> Iterator[str]:
    yield base
    for count in itertools.count(2):
        yield f"{base}_{count}"


def _reserved(tx: Transaction, session_id: str, candidates: Iterator[str]) -> str:
    branch_id = first_unused(tx, session_id, candidates)
    tx.execute("reserve_branch_name", session_id=session_id, branch_id=branch_id)
    return branch_id
