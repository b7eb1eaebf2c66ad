"""A transaction on an SQLite connection."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from convo.errors import DatabaseError, InvalidNameError
from convo.sqlite.definitions import definition
from convo.storage.pending_result import Withdrawn
from convo.storage.statements import Statements, unquoted

_PAGES_AT_ONCE = 5_000
"""Pages that are copied between two checks of whether the copy is still wanted."""

_ROWS_AT_ONCE = 32
"""The most rows per INSERT: each number of rows is a statement that SQLite caches."""

_PIECE = 65_536
"""The size in bytes of the pieces in which a long message is read."""

_RETURNING = "\nRETURNING id"

_SHOWN = 80
"""The most characters of a name that an error shows."""


class SQLiteTransaction:
    """A `Transaction` on an SQLite connection that has one open.

    Each method raises `Withdrawn` if no task wants the result of the transaction any more.
    """

    __slots__ = ("_connection", "_is_wanted", "_statements", "_version")

    def __init__(
        self,
        connection: sqlite3.Connection,
        statements: Statements,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        """Use a connection as long as `is_wanted` returns True."""
        self._connection = connection
        self._statements = statements
        self._is_wanted = is_wanted
        self._version: int | None = None

    def each(self, name: str, **values: Any) -> sqlite3.Cursor:
        """The rows of a query one at a time."""
        return self._run(self._statements[name], values)

    def _run(self, statement: str, values: dict[str, Any] | list[Any]) -> sqlite3.Cursor:
        if not self._is_wanted():
            raise Withdrawn
        try:
            return self._connection.execute(statement, values)
        except UnicodeEncodeError as error:
            raise InvalidNameError(
                f"{error.object[:_SHOWN]!a} is not valid text: it cannot be stored or searched for"
            ) from error
        except OverflowError as error:
            raise DatabaseError("a number has more than 64 bits and cannot be stored") from error

    def rows(self, name: str, **values: Any) -> list[Any]:
        """All rows of a query."""
        return self.each(name, **values).fetchall()

    def row(self, name: str, **values: Any) -> Any:
        """The first row of a query, or None."""
        return self.each(name, **values).fetchone()

    def value(self, name: str, **values: Any) -> Any:
        """The first column of the first row of a query, or None if there is no row."""
        row = self.each(name, **values).fetchone()
        return None if row is None else row[0]

    def execute(self, name: str, **values: Any) -> None:
        """Run a statement."""
        self.each(name, **values)

    def change(self, name: str, **values: Any) -> int:
        """Run a statement; returns the number of changed rows."""
        return self.each(name, **values).rowcount

    def ahead(self, name: str, **values: Any) -> None:
        """Nothing: a query costs no more alone than with others."""

    def stamp(self) -> object:
        """See `Transaction`; each connection has stamps of its own.

        SQLite counts what others have written, and what the connection has.
        """
        if self._version is None:
            self._version = self.value("data_version")
        return self._connection, self._version, self._connection.total_changes

    def reserve(self, name: str, count: int) -> None:
        """Nothing: a row has its id as soon as it is inserted."""

    def insert(self, name: str, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Insert rows in the given order, many per statement; returns their ids."""
        ids: list[int] = []
        for begin in range(0, len(rows), _ROWS_AT_ONCE):
            some = rows[begin : begin + _ROWS_AT_ONCE]
            statement, names = self._statements.for_rows(name, len(some))
            values = [row[name] for row in some for name in names]
            if len(some) == 1:
                # Returning a row costs as much as inserting one.
                row_id = self._run(statement.removesuffix(_RETURNING), values).lastrowid
                ids += [] if row_id is None else [row_id]
            else:
                ids += sorted(row_id for (row_id,) in self._run(statement, values))
        return ids

    def execute_many(self, name: str, values: Iterable[dict[str, Any]]) -> None:
        """Run a statement once for each of these values, which are read when needed."""
        if not self._is_wanted():
            raise Withdrawn
        self._connection.executemany(self._statements[name], values)

    def pieces(self, message_id: int) -> Iterator[bytes]:
        """A stored message, a piece at a time; raises `ValueError` if it is not text."""
        try:
            stored = self._connection.blobopen(
                unquoted(self._statements.tables.messages),
                "message_data",
                message_id,
                readonly=True,
            )
        except sqlite3.Error as error:
            raise ValueError(f"it cannot be read: {error}") from error
        with stored:
            while piece := stored.read(_PIECE):
                if not self._is_wanted():
                    raise Withdrawn
                yield piece

    def of(self, connection: sqlite3.Connection) -> "SQLiteTransaction":
        """A transaction with the same statements on another connection."""
        return SQLiteTransaction(connection, self._statements, self._is_wanted)

    def copy_to(self, target: sqlite3.Connection) -> None:
        """Copy the file as this transaction sees it, page by page."""

        def check(*_: int) -> None:
            if not self._is_wanted():
                raise Withdrawn

        # SQLite takes the snapshot at the first read.
        self.value("count_messages")
        self._connection.backup(target, pages=_PAGES_AT_ONCE, progress=check)

    def is_as_made(self, block: str) -> bool:
        """Whether the file has the object that a block creates, exactly as the block creates it."""
        made = definition(self._statements, block)
        return bool(self.value("text_of_object", object=made.name) == made.text)
