"""Values that are kept until somebody writes to the database they were read from."""

from collections.abc import Callable
from enum import Enum, auto
from typing import Generic, TypeVar

from convo.storage.transaction import Transaction

T = TypeVar("T")


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

    def of(self, tx: Transaction, read: Callable[[], T], about: object = None) -> T:
        """What `read` returns, or has returned; `about` says what it reads, if that differs."""
        stamp, known = tx.stamp(), self._known
        if stamp is None:
            return read()
        state = stamp, about
        if known is not None and known[0] != state:
            known = None
        if known is not None and not isinstance(known[1], _Once):
            return known[1]
        found = read()
        self._known = state, _Once.READ if known is None and self._is_long else found
        return found
