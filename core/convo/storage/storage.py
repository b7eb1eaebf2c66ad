"""A database as the doors have it: read and written in transactions, whichever engine it is on."""

from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeVar

from convo.storage.statements import Tables
from convo.storage.transaction import Transaction

T = TypeVar("T")

LOCK_TIMEOUT = 30.0
"""Seconds that an operation waits for a lock that another process holds."""


class StorageOptions(NamedTuple):
    """How a session or a store wants its database.

    `tables` are its base tables, made where they are missing if it may `create` them.
    `lock_timeout` is in seconds. `page_cache` is how much of the database, in KiB, a connection
    may keep in memory; with 0 that is left to the engine.
    """

    tables: Tables = Tables()
    create: bool = False
    lock_timeout: float = LOCK_TIMEOUT
    page_cache: int = 0


class CatchUp(NamedTuple):
    """What is to be done before a read, because others write to the database as well.

    Both take a transaction and the session that is about to be read, or None for all of them.
    `is_behind` says whether there is anything to do, and `catch_up` does it.
    """

    is_behind: Callable[[Transaction, str | None], bool]
    catch_up: Callable[[Transaction, str | None], object]


class Storage(Protocol):
    """One database for one caller, whose options were bound when it was opened.

    Work is a function of a `Transaction`; it may run more than once, and must do nothing but what
    it does with that. Every method raises a `DatabaseError` that says what is wrong with the
    database, and `SessionClosedError` once it is closed.
    """

    async def read(self, session_id: str | None, work: Callable[[Transaction], T]) -> T:
        """Run `work` on a snapshot in which a session, or with None every one, is caught up.

        Where nothing can be written, it is caught up for this read alone.
        """
        ...

    async def look(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` on a snapshot of the database as it stands."""
        ...

    async def write(
        self,
        session_id: str | None,
        work: Callable[[Transaction], T],
        *,
        then: Callable[[T], None] | None = None,
        patience: float | None = None,
    ) -> T:
        """Run `work` in a transaction that sees no other writer of the session.

        `session_id` names the session that the write is about, None stands for all of them or for
        what is none's: an engine with one writer at a time need not look at it, others lock it.
        With `patience`, it waits for so many seconds at most.

        When this returns, the transaction is stored for good; when it raises, nothing of it is. A
        `CancelledError` is raised only once the transaction is over, one way or the other; `then`
        has been given the result if it went through.
        """
        ...

    async def shrink(self) -> int:
        """Give back the space that is not needed; returns the bytes saved."""
        ...

    async def close(self) -> None:
        """Let go of the database once all that was begun is done. May be repeated."""
        ...
