"""The interface for searching: an index of the text of messages, which returns candidates.

An index may lag behind the messages. It then returns `Stale`; `answering` has it caught up and asks
again or, if that is not possible, reads the messages themselves.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple, Protocol

from convo.storage.transaction import Transaction

Term = tuple[Sequence[str], bool]
"""Consecutive words, and whether the last one must match whole."""

Write = Callable[[Callable[[Transaction], Any]], Awaitable[Any]]
"""Runs some work in a transaction of its own and returns its result."""


class Contents(NamedTuple):
    """What to enter in an index.

    How far the index goes is recorded under its `key`. A new key makes every file rebuild its
    index.

    `text` is called with the stored message, and True if it is known to be one to enter (a prompt
    or, with `answers`, an answer); it returns None for messages that are not entered. `marker`
    stands for a message of more than `longest` characters of JSON, and possibly for others: the
    index returns all of these for every query. Up to `tail` messages may be missing before the
    index counts as stale.
    """

    name: str
    key: str
    answers: bool
    text: Callable[[bytes, bool], str | None]
    marker: str
    longest: int
    tail: int = 0


class Candidates(NamedTuple):
    """The messages up to `up_to` that may match the query."""

    message_ids: list[int]
    up_to: int


class Stale(NamedTuple):
    """The index has to be caught up before it can be used, or rebuilt if it is damaged."""

    is_damaged: bool = False


class Progress(NamedTuple):
    """How far an index is: `done` of `total` messages."""

    done: int
    total: int


class SearchIndex(Protocol):
    """A full-text index of the messages of a database."""

    def candidates(
        self,
        tx: Transaction,
        terms: Sequence[Term],
        *,
        most: int | None = None,
        session_id: str | None = None,
        branch_id: str | None = None,
        source: str | None = None,
    ) -> Candidates | Stale:
        """Up to `most` messages that may match all terms, and all marked messages.

        They may include messages of other sessions and branches.
        """
        ...

    async def catch_up(
        self, write: Write, stale: Stale, progress: Callable[[Progress], None] | None = None
    ) -> None:
        """Enter the missing messages in transactions of bounded size; stop if one is not possible.

        The messages entered so far stay. `progress` is called after each transaction.
        """
        ...

    def forget_above(self, tx: Transaction, message_id: int) -> None:
        """Have every message above `message_id` entered again.

        When deleted messages are restored, pass one less than the lowest of their ids: the index
        may have dropped them.
        """
        ...

    def drop(self, tx: Transaction) -> None:
        """Delete the index, even a damaged one; the next search rebuilds it."""
        ...
