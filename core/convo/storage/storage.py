"""The interface of a database: read and written in transactions, on any engine."""

from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeVar

from convo.storage.search_index import Contents, SearchIndex
from convo.storage.statements import Tables
from convo.storage.transaction import Transaction

T = TypeVar("T")

LOCK_TIMEOUT = 30.0
"""Seconds that an operation waits for a lock that another process holds."""

POOL_SIZE = 8
"""The most connections that a process has to a database on a server."""


class StorageOptions(NamedTuple):
    """The options with which a session or a store opens its database.

    `tables` are its base tables; with `create`, missing ones are created. `lock_timeout` is in
    seconds. `page_cache` is the size of a connection's cache in KiB; 0 means the engine's default.
    `pool_size` is the most connections to a server.
    """

    tables: Tables = Tables()
    create: bool = False
    lock_timeout: float = LOCK_TIMEOUT
    page_cache: int = 0
    pool_size: int = POOL_SIZE


class CatchUp(NamedTuple):
    """Work to do before a read, because other programs write to the database as well.

    `behind` takes a transaction and the session to be read, or None for all sessions, and returns
    the sessions that have something to be done; `catch_up` does it for one of them.
    """

    behind: Callable[[Transaction, str | None], list[str]]
    catch_up: Callable[[Transaction, str], object]


class Storage(Protocol):
    """One database, opened by one caller with its options.

    Work is a function that takes a `Transaction`; it may run more than once, so it must have no
    effects outside the transaction. Every method raises a `DatabaseError` that says what is wrong
    with the database, and `SessionClosedError` once it is closed.
    """

    async def read(
        self,
        session_id: str | None,
        work: Callable[[Transaction], T],
        ahead: Callable[[Transaction], bool] | None = None,
    ) -> T:
        """Run `work` on a snapshot in which a session, or with None every session, is caught up.

        If the database cannot be written, the session is caught up for this read only. `ahead`
        announces queries that `work` will ask, before it is known whether the session is behind,
        and returns whether `work` is likely to ask no others.
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
        """Run `work` in a transaction with no concurrent writer of the session.

        `session_id` is the session to be written; None means all sessions, or data outside any
        session. Engines with one writer at a time ignore it, others lock the session. `patience`
        is the most seconds to wait for that.

        When this returns, the transaction has been committed; when it raises, it has been rolled
        back. A `CancelledError` is raised only after the transaction has ended, either way; `then`
        has been called with the result if it was committed.
        """
        ...

    def index(self, contents: Contents) -> SearchIndex | None:
        """The full-text index for some contents; None if the engine has none."""
        ...

    async def shrink(self) -> int:
        """Return unused space to the disk; returns the number of bytes saved."""
        ...

    async def close(self) -> None:
        """Close the database once its running work is done. May be repeated."""
        ...
