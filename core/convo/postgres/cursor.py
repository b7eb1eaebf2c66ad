"""The rows of a query, fetched in parts, so that only a part is in memory."""

from collections.abc import Callable, Iterator
from typing import Any

_LENGTH = 8_000_000
"""The size in bytes that a part should have."""

_MOST = 5_000


class FetchedRows:
    """The rows of a query: the first ones, and a function that fetches more, or None for all."""

    FIRST = 500
    """The number of rows that are fetched with the query."""

    def __init__(self, first: list[Any], fetch: Callable[[int], list[Any]] | None = None) -> None:
        self._rows = iter(first)
        self._last = first
        self._fetch = fetch if len(first) == self.FIRST else None

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        for row in self._rows:
            return row
        if self._fetch is None:
            raise StopIteration
        count = _count_after(self._last)
        self._last = self._fetch(count)
        if len(self._last) < count:
            self._fetch = None
        self._rows = iter(self._last)
        return next(self)

    def close(self) -> None:
        """Fetch no more."""
        self._rows, self._last, self._fetch = iter(()), [], None


def _count_after(rows: list[Any]) -> int:
    """How many rows to fetch after some of the same query."""
    length = sum(len(value) for row in rows for value in row if isinstance(value, str | bytes))
    return max(1, min(_MOST, _LENGTH * len(rows) // max(1, length)))
