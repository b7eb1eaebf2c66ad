"""Answers a search with an index that may lag behind the messages, or without one."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from convo.storage.search_index import Progress, SearchIndex, Stale
from convo.storage.storage import Storage
from convo.storage.transaction import Transaction

T = TypeVar("T")

_PATIENCE = 0.25
"""Seconds that a search waits for a lock to catch up; it works without, too."""


async def answered(
    storage: Storage,
    index: SearchIndex | None,
    search: Callable[[SearchIndex | None], Awaitable[T | Stale]],
    progress: Callable[[Progress], None] | None = None,
) -> T:
    """The result of `search` with the index, which is caught up first if it is stale.

    If the file is read-only or locked, or the engine has no full-text search, `search` gets None
    as the index, and reads the messages themselves.
    """

    async def write(work: Callable[[Transaction], Any]) -> Any:
        return await storage.write(None, work, patience=_PATIENCE)

    found = await search(index)
    if isinstance(found, Stale) and index is not None:
        await index.catch_up(write, found, progress)
        found = await search(index)
    if isinstance(found, Stale):
        found = await search(None)
    assert not isinstance(found, Stale)
    return found
