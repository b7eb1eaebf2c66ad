"""Values that are kept until somebody writes to the database they were read from."""

from collections.abc import Callable
from enum import Enum, auto
from typing import Generic, TypeVar, TypeVarTuple

from convo.storage.transaction import Transaction

T = TypeVar("T")
A = TypeVarTuple("A")


class _Once(Enum):
    READ = auto()


class Remembered(Generic[T]):
    """What was read last, which is still true as long as nobody has written to the database.

    A long list is kept only once it has been asked for again: what is read once after each write
    would be kept, and freed, for nothing.
    """

    def __init__(self, *, is_long: bool = False) -> None:
        self._is_long = is_long
        self._known: tuple[object, T | _Once] | None = None
        """The state of the database, and what was read then: one value, as a session may be used
        on several event loops, and so by several threads."""

    def of(self, tx: Transaction, read: Callable[[Transaction, *A], T], *about: *A) -> T:
        """What `read(tx, *about)` returns, or has returned."""
        stamp, known = tx.stamp(), self._known
        if stamp is None:
            return read(tx, *about)
        state = stamp, about
        if known is None or known[0] != state:
            found = read(tx, *about)
            self._known = state, _Once.READ if self._is_long else found
        elif known[1] is _Once.READ:
            found = read(tx, *about)
            self._known = state, found
        else:
            found = known[1]
        return found
