"""What a search needs of an engine: an index of what messages say, which names candidates.

An index may lag behind the messages. Whoever asks it is told `Stale` then, has it caught up and
asks again; where that cannot be done, the messages themselves are read.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from convo.storage.storage import Storage
from convo.storage.transaction import Transaction

T = TypeVar("T")

_PATIENCE = 0.25
"""Seconds that a search waits for a lock, to catch up; it can do without."""

Term = tuple[Sequence[str], bool]
"""Words that follow each other, and whether the last one ends where the term does."""

Write = Callable[[Callable[[Transaction], Any]], Awaitable[Any]]
"""Runs some work in a transaction of its own and returns its result."""


class Contents(NamedTuple):
    """What an index holds of the messages.

    Under its `key` it is noted how far it goes. Another key makes every file's index again.

    `text` is given the stored message, and True if it is known to be one of those that are wanted
    (prompts, and with `answers` answers too); it returns None for what is not to be entered.
    `marker` stands for a message of more than `longest` characters of JSON, and may do so for
    others: an index names all of those whatever it is asked for. Up to `tail` messages may be
    missing before the index counts as stale.
    """

    name: str
    key: str
    answers: bool
    text: Callable[[bytes, bool], str | None]
    marker: str
    longest: int
    tail: int = 0


class Candidates(NamedTuple):
    """The messages that may say what was asked for, of those up to `up_to`."""

    message_ids: list[int]
    up_to: int


class Stale(NamedTuple):
    """The index has to be caught up before it is worth asking, or made again if it is damaged."""

    is_damaged: bool = False


class Progress(NamedTuple):
    """How far an index has got: `done` messages of `total`, in numbers of messages."""

    done: int
    total: int


class SearchIndex(Protocol):
    """An index of what the messages of a database say."""

    def candidates(
        self,
        tx: Transaction,
        terms: Sequence[Term],
        *,
        most: int | None = None,
        session_id: str | None = None,
        branch_id: str | None = None,
    ) -> Candidates | Stale:
        """The messages that may say all terms, `most` of them at most, and all marked ones.

        Messages of other sessions and branches may be among them.
        """
        ...

    async def catch_up(
        self, write: Write, stale: Stale, progress: Callable[[Progress], None] | None = None
    ) -> None:
        """Enter what is missing, in transactions of bounded size; give up where one cannot be had.

        What is entered by then stays. `progress` is told after each transaction.
        """
        ...

    def forget_above(self, tx: Transaction, message_id: int) -> None:
        """Have every message above `message_id` entered again: to be called with one less than the
        lowest number of a deleted message that is put back, which the index may have dropped.
        """
        ...

    def drop(self, tx: Transaction) -> None:
        """Remove the index, even a damaged one; the next search makes it again."""
        ...


async def answered(
    storage: Storage,
    index: SearchIndex,
    search: Callable[[SearchIndex | None], Awaitable[T | Stale]],
    progress: Callable[[Progress], None] | None = None,
) -> T:
    """What `search` finds with the index, caught up first where it is stale.

    The file may be read-only, or locked, or the engine without full-text search: `search` is given
    None for the index then, and reads the messages themselves.
    """

    async def write(work: Callable[[Transaction], Any]) -> Any:
        return await storage.write(None, work, patience=_PATIENCE)

    found = await search(index)
    if isinstance(found, Stale):
        await index.catch_up(write, found, progress)
        found = await search(index)
    if isinstance(found, Stale):
        found = await search(None)
    assert not isinstance(found, Stale)
    return found
