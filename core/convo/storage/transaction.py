"""A transaction under way, as the subjects see it, whichever engine runs it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol


class Rows(Protocol):
    """The rows of a query, read from the database as they are asked for."""

    def __iter__(self) -> Iterator[Any]:
        """The rows that have not been read."""
        ...

    def __next__(self) -> Any:
        """The next row."""
        ...

    def close(self) -> None:
        """Read no further."""
        ...


class Transaction(Protocol):
    """Runs named statements, all of which see the same state of the database.

    Values are bound by name: `tx.row("branch_tail", session_id="s", branch_id="main")`. A name or
    a number that no database can hold raises a `ConvoError`.
    """

    def rows(self, name: str, **values: Any) -> list[Any]:
        """All rows of a query."""
        ...

    def each(self, name: str, **values: Any) -> Rows:
        """The rows of a query as they come, for those that are many or not all wanted."""
        ...

    def row(self, name: str, **values: Any) -> Any:
        """The first row of a query, or None."""
        ...

    def value(self, name: str, **values: Any) -> Any:
        """The first column of the first row of a query, or None where there is no row."""
        ...

    def execute(self, name: str, **values: Any) -> int:
        """Change something; returns the number of rows that were changed."""
        ...

    def insert(self, name: str, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Insert rows in the order given, by one statement for many; returns their ids.

        The statement inserts a single row, as `VALUES (…) RETURNING id`.
        """
        ...

    def pieces(self, message_id: int) -> Iterator[bytes]:
        """What is stored of a message, a piece at a time; `ValueError` where that is no text."""
        ...
