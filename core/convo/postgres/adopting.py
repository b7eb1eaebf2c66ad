"""Adopt messages for one read, in memory: for servers that take no writes, such as replicas.

The rows that adoption would insert are collected instead, and every query of the read sees them as
if they were in the table.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from convo.postgres.cursor import FetchedRows
from convo.postgres.dialect import PostgresStatements, Template, quoted
from convo.postgres.literals import Quote
from convo.postgres.transaction import PostgresTransaction

_TABLE = "message_structure"
_INSERTS = "adopt_message"
"""The statement that adds a row to the table."""

_FIRST_ID = 2**62
"""Above the ids of all rows of the table."""


class Collecting:
    """A `Transaction` that reads, and collects the rows that would be inserted."""

    def __init__(self, tx: PostgresTransaction) -> None:
        self.rows_added: list[Mapping[str, Any]] = []
        self._tx = tx

    def rows(self, name: str, **values: Any) -> list[Any]:
        """All rows of a query."""
        return self._tx.rows(name, **values)

    def each(self, name: str, **values: Any) -> FetchedRows:
        """The rows of a query one at a time."""
        return self._tx.each(name, **values)

    def row(self, name: str, **values: Any) -> Any:
        """The first row of a query, or None."""
        return self._tx.row(name, **values)

    def value(self, name: str, **values: Any) -> Any:
        """The first column of the first row of a query, or None if there is no row."""
        return self._tx.value(name, **values)

    def execute(self, name: str, **values: Any) -> None:
        """Collect a row; nothing else is changed."""
        if name == _INSERTS:
            self.rows_added.append(values)

    def change(self, name: str, **values: Any) -> int:
        """Change nothing."""
        return 0

    def stamp(self) -> None:
        """None, as on any server."""

    def ahead(self, name: str, **values: Any) -> None:
        """Announce nothing."""

    def reserve(self, name: str, count: int) -> None:
        """Announce nothing."""

    def insert(self, name: str, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Insert nothing."""
        return []

    def pieces(self, message_id: int) -> Iterator[bytes]:
        """A stored message, a piece at a time."""
        return self._tx.pieces(message_id)


class WithRows:
    """Statements whose queries see more rows in a table than it has."""

    def __init__(
        self, statements: PostgresStatements, rows: Sequence[Mapping[str, Any]], quote: Quote
    ) -> None:
        self._statements = statements
        self._table = f"{quoted(statements.schema)}.{_TABLE}"
        before, row, after = statements.for_rows("structure_and_more")
        lines = [
            row.filled({**values, "id": _FIRST_ID + place}, quote)
            for place, values in enumerate(rows)
        ]
        query = before.filled({}, quote) + ", ".join(lines) + after.filled({}, quote)
        self._more = f"{_TABLE} AS NOT MATERIALIZED ({query})"

    def __getitem__(self, name: str) -> Template:
        return self._statements[name].with_table(self._table, _TABLE, self._more)

    def for_rows(self, name: str, *, with_ids: bool = False) -> tuple[Template, Template, Template]:
        """The parts of an INSERT, which a read does not have."""
        return self._statements.for_rows(name, with_ids=with_ids)

    def of_rows(self, name: str, count: int, *, with_ids: bool = False) -> Template:
        """An INSERT of so many rows, which a read does not have."""
        return self._statements.of_rows(name, count, with_ids=with_ids)

    def table_of(self, name: str) -> str:
        """The table of an INSERT, which a read does not have."""
        return self._statements.table_of(name)
