"""A transaction on a connection to a server, with as few messages as possible."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from convo.postgres.connection import Result, ServerConnection
from convo.postgres.dialect import PostgresStatements
from convo.storage.pending_result import Withdrawn

_PIECE = 65_536
"""The size in bytes of the pieces of a long message."""

_ROWS_AT_ONCE = 1_000
_LENGTH_AT_ONCE = 4_000_000
"""The most rows, and characters, of one INSERT."""


class BufferedRows:
    """The rows of a query, all of which have arrived."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self._rows = iter(rows)

    def __iter__(self) -> Iterator[Any]:
        return self._rows

    def __next__(self) -> Any:
        return next(self._rows)

    def close(self) -> None:
        """Stop reading."""
        self._rows = iter(())


class PostgresTransaction:
    """A `Transaction` on a connection.

    Nothing is sent before the first statement whose result is needed: BEGIN, and the statements
    that are executed without a result, go with the next one, or with COMMIT.
    """

    def __init__(
        self,
        connection: ServerConnection,
        statements: PostgresStatements,
        beginning: Sequence[str],
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        self._connection = connection
        self._statements = statements
        self._waiting = list(beginning)
        self._is_wanted = is_wanted

    def rows(self, name: str, **values: Any) -> list[Any]:
        """All rows of a query."""
        return self._run(name, values).rows

    def each(self, name: str, **values: Any) -> BufferedRows:
        """The rows of a query one at a time."""
        return BufferedRows(self.rows(name, **values))

    def row(self, name: str, **values: Any) -> Any:
        """The first row of a query, or None."""
        found = self.rows(name, **values)
        return found[0] if found else None

    def value(self, name: str, **values: Any) -> Any:
        """The first column of the first row of a query, or None if there is no row."""
        found = self.rows(name, **values)
        return found[0][0] if found else None

    def execute(self, name: str, **values: Any) -> int:
        """Run a statement; returns the number of changed rows."""
        return self._run(name, values).changed

    def insert(self, name: str, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Insert rows in the given order, many per statement; returns their ids."""
        ids: list[int] = []
        quote = self._connection.quote
        before, row, after = self._statements.for_rows(name)
        filled = [row.filled(values, quote) for values in rows]
        begin = 0
        while begin < len(filled):
            end, length = begin + 1, len(filled[begin])
            while end < min(len(filled), begin + _ROWS_AT_ONCE) and length < _LENGTH_AT_ONCE:
                length += len(filled[end])
                end += 1
            statement = "".join(
                [
                    before.filled(rows[begin], quote),
                    ", ".join(filled[begin:end]),
                    after.filled(rows[begin], quote),
                ]
            )
            ids += sorted(row_id for (row_id,) in self._send([statement])[-1].rows)
            begin = end
        return ids

    def pieces(self, message_id: int) -> Iterator[bytes]:
        """A stored message, a piece at a time; raises `ValueError` if it is not there."""
        data = self.value("message_data", message_id=message_id)
        if data is None:
            raise ValueError("it cannot be read: it is gone")
        for begin in itertools.count(0, _PIECE):
            if begin >= len(data):
                return
            yield data[begin : begin + _PIECE]

    def finish(self, end: str) -> None:
        """Send what waits, and the end of the transaction, if it has begun."""
        self._send([end])

    def _run(self, name: str, values: Mapping[str, Any]) -> Result:
        return self._send([self._statements[name].filled(values, self._connection.quote)])[-1]

    def _send(self, statements: list[str]) -> list[Result]:
        if not self._is_wanted():
            raise Withdrawn
        waiting, self._waiting = self._waiting, []
        return self._connection.send(waiting + statements)
