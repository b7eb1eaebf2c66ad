"""Which tables of a file are known to be complete, so that no statement has to look again."""

import sqlite3

from convo.sqlite.dialect import statements_for
from convo.sqlite.schema import Schema
from convo.storage.statements import Statements, Tables
from convo.storage.storage import StorageOptions


class Completeness:
    """Keeps track of the tables of one file, by the pair of base tables that they belong to."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._complete: dict[Tables, int] = {}
        """The tables for which the file is known to be complete, and its schema's number then."""
        self._unmendable: set[Tables] = set()

    def has(self, tables: Tables) -> bool:
        """Whether the file is known to be complete."""
        return tables in self._complete

    def is_settled(self, tables: Tables) -> bool:
        """Whether a read can begin: the file is complete, or cannot be completed for now."""
        return tables in self._complete or tables in self._unmendable

    def give_up(self, tables: Tables) -> None:
        """Note that nothing can be created in the file: each read does without, until a write."""
        self._unmendable.add(tables)

    def note(self, tables: Tables, cookie: int) -> None:
        """Note that the file is complete as long as its schema has this number."""
        self._complete[tables] = cookie

    def forget(self, tables: Tables) -> None:
        """Have the file checked again before the next transaction."""
        self._complete.pop(tables, None)

    def look(self, connection: sqlite3.Connection, options: StorageOptions) -> bool:
        """Whether the file is complete, which is noted.

        Raises `NotAConversationDatabaseError` if it is of another program.
        """
        schema = self.schema(options)
        present = schema.check_usable(connection, create=options.create)
        if not schema.is_complete(connection, present):
            return False
        self.note(options.tables, _cookie(connection, statements_for(options.tables)))
        return True

    def ensure(self, connection: sqlite3.Connection, options: StorageOptions) -> int:
        """Create what the file lacks, in the transaction of a write; return its schema's number.

        Another release of convo may have changed the schema since: it is checked again whenever
        its number has changed. `note` it once the transaction has been committed.
        """
        statements = statements_for(options.tables)
        cookie = _cookie(connection, statements)
        if self._complete.get(options.tables) == cookie:
            return cookie
        schema = self.schema(options)
        schema.create(connection, schema.check_usable(connection, create=options.create))
        return _cookie(connection, statements)

    def schema(self, options: StorageOptions) -> Schema:
        """The schema that the file has to have."""
        return Schema(statements_for(options.tables), self._path)


def _cookie(connection: sqlite3.Connection, statements: Statements) -> int:
    """A number that changes with every change to the file's schema."""
    return int(connection.execute(statements["schema_cookie"]).fetchone()[0])
