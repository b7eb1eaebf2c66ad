"""Read the SQLite files of other programs, without writing to them and without trusting them."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from convo.sqlite.connect import open_to_read
from convo.sqlite.dialect import statements_for
from convo.storage.statements import Tables

_STATEMENTS = statements_for(Tables())


class OtherFileError(Exception):
    """The file is damaged, locked, or no database; the message says which."""


class OtherFile:
    """One file, as it was when it was opened."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def columns(self) -> dict[str, set[str]]:
        """The tables with their columns: no views and no computed columns, which may cost a lot."""
        names = [row[0] for row in self.rows(_STATEMENTS["tables_of_other"])]
        return {name: self._columns_of(name) for name in names}

    def rows(self, statement: str, values: Mapping[str, Any] | None = None) -> Iterator[Any]:
        """The rows of a query one at a time, whose columns are found by name.

        Raises `OtherFileError`.
        """
        try:
            yield from self._connection.execute(statement, values or {})
        except sqlite3.Error as error:
            raise OtherFileError(str(error)) from error

    def _columns_of(self, table: str) -> set[str]:
        rows = self.rows(_STATEMENTS["columns_of"], {"table": table})
        return {name for name, is_computed in rows if not is_computed}


@contextmanager
def other_file(path: Path, longest: int) -> Iterator[OtherFile]:
    """The file of another program, with values of at most `longest` bytes.

    Raises `OtherFileError`.
    """
    try:
        connection = open_to_read(str(path.resolve()))
    except sqlite3.Error as error:
        raise OtherFileError(str(error)) from error
    with closing(connection):
        connection.row_factory = sqlite3.Row
        connection.text_factory = _text
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, longest)
        # All queries see the same state, whatever the other program writes in the meantime.
        connection.execute("PRAGMA query_only = ON")
        connection.execute("BEGIN")
        yield OtherFile(connection)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
