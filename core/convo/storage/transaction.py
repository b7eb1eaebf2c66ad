"""The interface of a running transaction, on any engine."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol


class Rows(Protocol):
    """The rows of a query, read from the database one at a time."""

    def __iter__(self) -> Iterator[Any]:
        """The remaining rows."""
        ...

    def __next__(self) -> Any:
        """The next row."""
        ...

    def close(self) -> None:
        """Stop reading."""
        ...


class Transaction(Protocol):
    """Runs named statements, all of which see the same state of the database.

    Values are bound by name: `tx.row("branch_tail", session_id="s", branch_id="main")`. A text or
    a number that no database can store raises a `ConvoError`.
    """

    def rows(self, name: str, **values: Any) -> list[Any]:
        """All rows of a query."""
        ...

    def each(self, name: str, **values: Any) -> Rows:
        """The rows of a query one at a time, for queries with many rows or with rows not needed."""
        ...

    def row(self, name: str, **values: Any) -> Any:
        """The first row of a query, or None."""
        ...

    def value(self, name: str, **values: Any) -> Any:
        """The first column of the first row of a query, or None if there is no row."""
        ...

    def execute(self, name: str, **values: Any) -> None:
        """Run a statement; an engine on a network may send it together with a later one."""
        ...

    def change(self, name: str, **values: Any) -> int:
        """Run a statement at once; returns the number of changed rows."""
        ...

    def ahead(self, name: str, **values: Any) -> None:
        """Announce a query: an engine on a network asks it together with the next one."""
        ...

    def reserve(self, name: str, count: int) -> None:
        """Announce an `insert` of so many rows: an engine on a network reads their ids ahead.

        It can then send the rows together with later statements. Ids that are not used are lost.
        """
        ...

    def insert(self, name: str, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Insert rows in the given order, many per statement; returns their ids.

        The named statement inserts a single row, as `VALUES (…) RETURNING id`.
        """
        ...

    def stamp(self) -> object:
        """A value that is the same as long as nothing is written to the database, by any program.

        None if the engine cannot tell.
        """
        ...

    def pieces(self, message_id: int) -> Iterator[bytes]:
        """A stored message, a piece at a time; raises `ValueError` if it is not text."""
        ...
