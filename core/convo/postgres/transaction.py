"""A transaction on a connection to a server, with as few messages as possible.

Nothing is sent before the first statement whose result is needed. BEGIN, what is executed without a
result, and queries that are announced, go with the next one, or with COMMIT.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from convo.postgres.connection import Result, ServerConnection
from convo.postgres.cursor import FetchedRows
from convo.postgres.dialect import Template
from convo.postgres.opening import Opening
from convo.storage.pending_result import Withdrawn

_PIECE = 65_536
"""The size in bytes of the pieces of a long message."""

_PREPARED_ROWS = 6
"""The most rows of an INSERT that the server may prepare."""

_ROWS_AT_ONCE = 1_000
_LENGTH_AT_ONCE = 4_000_000
"""The most rows of one INSERT, and the characters after which no more statements wait."""

_Asked = tuple[str, tuple[tuple[str, Any], ...]]


class Named(Protocol):
    """Statements by their names."""

    def __getitem__(self, name: str) -> Template: ...

    def for_rows(self, name: str, *, with_ids: bool = False) -> tuple[Template, Template, Template]:
        """The parts of an INSERT before, of and after each row."""
        ...

    def of_rows(self, name: str, count: int, *, with_ids: bool = False) -> Template:
        """An INSERT of so many rows."""
        ...

    def table_of(self, name: str) -> str:
        """The table that a statement inserts into; "" for none."""
        ...


class PostgresTransaction:
    """A `Transaction` on a connection."""

    def __init__(
        self,
        connection: ServerConnection,
        statements: Named,
        opening: Opening,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        self._connection = connection
        self._statements = statements
        self._opening = opening
        self._is_wanted = is_wanted
        self._waiting: list[str] = []
        self._length = 0
        self._announced: dict[_Asked, int] = {}
        """Where the announced queries are among the waiting statements."""
        self._known: dict[_Asked, Result] = {}
        """The results of announced queries, as long as nothing is changed."""
        self._reserving: list[tuple[str, int]] = []
        """The statements for which ids are being reserved, and where among those waiting."""
        self._reserved: dict[str, list[int]] = {}
        self._cursors = itertools.count(1)

    def rows(self, name: str, **values: Any) -> list[Any]:
        """All rows of a query."""
        known = self._known_result(name, values)
        return self._run(name, values).rows if known is None else known.rows

    def each(self, name: str, **values: Any) -> FetchedRows:
        """The rows of a query one at a time, fetched in parts."""
        if (known := self._known_result(name, values)) is not None:
            return FetchedRows(known.rows)
        cursor = f"convo_{next(self._cursors)}"
        query = self._filled(name, values)

        def fetch(count: int) -> list[Any]:
            return self._send([f"FETCH {count} FROM {cursor}"])[-1].rows

        declare = f"DECLARE {cursor} NO SCROLL CURSOR FOR {query}"
        first = self._send([declare, f"FETCH {FetchedRows.FIRST} FROM {cursor}"])[-1].rows
        return FetchedRows(first, fetch)

    def row(self, name: str, **values: Any) -> Any:
        """The first row of a query, or None."""
        found = self.rows(name, **values)
        return found[0] if found else None

    def value(self, name: str, **values: Any) -> Any:
        """The first column of the first row of a query, or None if there is no row."""
        found = self.rows(name, **values)
        return found[0][0] if found else None

    def execute(self, name: str, **values: Any) -> None:
        """Have a statement run before the next query, or before the transaction ends."""
        self._run_later(self._filled(name, values))

    def _run_later(self, statement: str) -> None:
        if self._announced:
            self.flush()
        self._known.clear()
        self._wait(statement)
        if self._length > _LENGTH_AT_ONCE:
            self.flush()

    def change(self, name: str, **values: Any) -> int:
        """Run a statement at once; returns the number of changed rows."""
        self._known.clear()
        return self._run(name, values).changed

    def stamp(self) -> None:
        """None: a server would have to be asked."""

    def ahead(self, name: str, **values: Any) -> None:
        """Announce a query, which is asked together with the next one."""
        asked = _key(name, values)
        if asked not in self._announced and asked not in self._known:
            self._announced[asked] = len(self._waiting)
            self._wait(self._filled(name, values))

    def reserve(self, name: str, count: int) -> None:
        """Announce an `insert` of so many rows, whose ids are asked for with the next query."""
        self._reserving.append((name, len(self._waiting)))
        table = self._statements.table_of(name)
        self._wait(self._filled("reserved_ids", {"table": table, "count": count}))

    def insert(self, name: str, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Insert rows in the given order, many per statement; returns their ids.

        If their ids have been reserved, the rows are sent with the next query, or with COMMIT.
        """
        reserved = self._taken(name, len(rows))
        if reserved:
            rows = [{**row, "id": row_id} for row, row_id in zip(rows, reserved, strict=True)]
            for statement in self._inserts(name, rows, with_ids=True):
                self._run_later(statement)
            return reserved
        self._known.clear()
        ids: list[int] = []
        for statement in self._inserts(name, rows, with_ids=False):
            ids += sorted(row_id for (row_id,) in self._send([statement])[-1].rows)
        return ids

    def _taken(self, name: str, count: int) -> list[int]:
        """So many of the ids that have been reserved; none if there are too few."""
        if any(name == other for other, _ in self._reserving):
            self.flush()
        reserved = self._reserved.get(name, [])
        if len(reserved) < count:
            self._give_up_reserved(name)
            return []
        self._reserved[name] = reserved[count:]
        return reserved[:count]

    def _give_up_reserved(self, name: str) -> None:
        """Do not use the ids that were reserved for the table of an INSERT.

        Its rows get greater ones: rows that are inserted later must not have smaller ones.
        """
        if not (self._reserved or self._reserving):
            return
        if table := self._statements.table_of(name):
            self._reserving = [one for one in self._reserving if not self._is_for(table, one[0])]
            for other in [one for one in self._reserved if self._is_for(table, one)]:
                del self._reserved[other]

    def _is_for(self, table: str, name: str) -> bool:
        return self._statements.table_of(name) == table

    def _inserts(
        self, name: str, rows: Sequence[Mapping[str, Any]], *, with_ids: bool
    ) -> Iterator[str]:
        """The statements that insert rows; one of a few rows can be prepared."""
        quote = self._connection.quote
        before, row, after = self._statements.for_rows(name, with_ids=with_ids)
        filled = [row.literals(values, quote) for values in rows]
        for some in _parts([row.joined(*literals) for literals in filled]):
            if len(some) == len(rows) <= _PREPARED_ROWS:
                first, last = (part.literals(rows[0], quote) for part in (before, after))
                parts = [first, *filled, last]
                literals = [literal for literals, _ in parts for literal in literals]
                kinds = "".join(kinds for _, kinds in parts)
                template = self._statements.of_rows(name, len(rows), with_ids=with_ids)
                yield template.joined(literals, kinds)
            else:
                values = ", ".join(some)
                yield before.filled(rows[0], quote) + values + after.filled(rows[0], quote)

    def pieces(self, message_id: int) -> Iterator[bytes]:
        """A stored message, a piece at a time; raises `ValueError` if it is not there."""
        data = self.value("message_data", message_id=message_id)
        if data is None:
            raise ValueError("it cannot be read: it is gone")
        for begin in range(0, len(data), _PIECE):
            yield data[begin : begin + _PIECE]

    def of(self, statements: Named) -> "PostgresTransaction":
        """The same transaction with other statements."""
        other = PostgresTransaction(self._connection, statements, self._opening, self._is_wanted)
        other._cursors = self._cursors
        return other

    def quote(self, value: Any) -> str:
        """A value as a literal."""
        return self._connection.quote(value)

    def flush(self) -> None:
        """Send what waits."""
        if self._waiting:
            self._send([])

    def commit(self, begin: Callable[[], None]) -> None:
        """Send what waits, and the end of the transaction; `begin` is called just before.

        A transaction whose work has sent nothing has not begun.
        """
        if not self._opening.is_sent and not self._waiting:
            return
        if not self._opening.is_sent:
            # Only what is done under the lock of the session is committed.
            self.flush()
        begin()
        self._send([*self._opening.noted(self._connection), "COMMIT"])

    def _known_result(self, name: str, values: Mapping[str, Any]) -> Result | None:
        """The result of a query that was announced, which is asked now if it has not been."""
        if not (self._announced or self._known):
            return None
        asked = _key(name, values)
        if asked in self._announced:
            self.flush()
        return self._known.pop(asked, None)

    def _filled(self, name: str, values: Mapping[str, Any]) -> str:
        self._give_up_reserved(name)
        return self._statements[name].filled(values, self._connection.quote)

    def _run(self, name: str, values: Mapping[str, Any]) -> Result:
        return self._send([self._filled(name, values)])[-1]

    def _wait(self, statement: str) -> None:
        self._waiting.append(statement)
        self._length += len(statement)

    def _send(self, statements: list[str]) -> list[Result]:
        if not self._is_wanted():
            raise Withdrawn
        waiting, self._waiting, self._length = self._waiting, [], 0
        announced, self._announced = self._announced, {}
        reserving, self._reserving = self._reserving, []
        results = self._opening.send(self._connection, waiting + statements)
        for asked, place in announced.items():
            self._known[asked] = results[place]
        for name, place in reserving:
            ids = sorted(row_id for (row_id,) in results[place].rows)
            self._reserved[name] = self._reserved.get(name, []) + ids
        return results


def _key(name: str, values: Mapping[str, Any]) -> _Asked:
    return name, tuple(sorted(values.items()))


def _parts(texts: list[str]) -> Iterator[list[str]]:
    """The texts in parts that one statement can take."""
    part: list[str] = []
    length = 0
    for text in texts:
        if part and (len(part) == _ROWS_AT_ONCE or length > _LENGTH_AT_ONCE):
            yield part
            part, length = [], 0
        part.append(text)
        length += len(text)
    if part:
        yield part
