"""Where a session instance stands: its branch, and the clear generation that branch is of."""

from typing import NamedTuple

from convo.records import MAIN
from convo.storage.transaction import Transaction


class Pointer(NamedTuple):
    """A branch, and the generation it was chosen in (None until the file was first seen)."""

    branch_id: str = MAIN
    generation: int | None = None


def located(tx: Transaction, session_id: str, pointer: Pointer) -> Pointer:
    """The pointer as of this transaction: a clear since it was set sends it back to `main`."""
    generation = tx.value("generation", session_id=session_id) or 0
    if pointer.generation in (None, generation):
        return pointer._replace(generation=generation)
    return Pointer(MAIN, generation)
