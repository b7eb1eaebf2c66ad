"""How a session or a store wants its database file to be worked on."""

from collections.abc import Callable
from typing import NamedTuple

from convo.storage.statements import Statements
from convo.storage.transaction import Transaction

LOCK_TIMEOUT = 30.0
"""Seconds that an operation waits for a lock that another process holds."""

_HURRY = 0.25


class Access(NamedTuple):
    """How a session or store wants its database: which tables, made or not, how patiently.

    `page_cache` is how much of the file, in KiB, its connections may keep in memory; with 0 it is
    SQLite's own measure.
    """

    statements: Statements
    create: bool
    lock_timeout: float = LOCK_TIMEOUT
    page_cache: int = 0


def hurried(access: Access) -> Access:
    """The same, waiting no longer for a lock than a search does that can do without."""
    return access._replace(lock_timeout=min(access.lock_timeout, _HURRY))


class Change(NamedTuple):
    """What is changed before a read, and the session that it concerns; None for all of them."""

    session_id: str | None
    make: Callable[[Transaction], object]
