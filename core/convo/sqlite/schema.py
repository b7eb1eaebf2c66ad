"""The schema of a file: check it, and create what is missing."""

import re
import sqlite3

from convo.errors import NotAConversationDatabaseError
from convo.sqlite.definitions import (
    Definition,
    ForeignKey,
    columns,
    definitions,
    made_when_needed,
)
from convo.storage.schema_version import OF_MESSAGES, RELEASE, VERSION, newer
from convo.storage.statements import Statements, unquoted

Objects = dict[str, tuple[str, str | None]]
"""The kind of each object of a file, by its name in small letters, and SQLite's text of it."""

# Compiled when they are needed, for files of other releases and programs.
_MAY_BE_COMPUTED = r"(?i)\bAS\s*\(|\bGENERATED\b"
_VIRTUAL = r"(?i)\s*CREATE\s+VIRTUAL\b"
_TARGET = r"\bON\s+(\"(?:[^\"]|\"\")+\"|\w+)"


class Schema:
    """Convo's schema in a file, for one pair of base tables."""

    def __init__(self, statements: Statements, path: str) -> None:
        self._statements = statements
        self._path = path
        self._sessions = unquoted(statements.tables.sessions)
        self._messages = unquoted(statements.tables.messages)
        self._definitions = definitions(statements)

    def check_usable(self, connection: sqlite3.Connection, *, create: bool) -> Objects:
        """Raise `NotAConversationDatabaseError` unless the file has the tables, or may get them.

        Returns the objects of the file, for the methods that follow in the same transaction.

        Structure tables belong to the pair of base tables that their foreign keys reference;
        without `create`, they must exist. A view instead of a table, or a computed column, could
        produce any amount of data, so a file with one is refused.
        """
        present = self._objects(connection)
        self._check_kinds(connection, present)
        for table in self._definitions:
            is_there = table.name.lower() in present
            if table.foreign_keys and not is_there and not create and table.name != self._messages:
                raise NotAConversationDatabaseError(
                    f"{self._path} has no table `{table.name}`: "
                    "use create_tables=True to create the structure tables"
                )
            if is_there and present[table.name.lower()][1] != table.text:
                for key in table.foreign_keys:
                    self._check_owner(connection, table.name, key)
        return present

    def is_complete(self, connection: sqlite3.Connection, present: Objects | None = None) -> bool:
        """Whether every table, column and index exists as this version creates it."""
        present = present or self._objects(connection)
        is_current = self._version(connection, present) == VERSION
        return is_current and not self._missing(connection, present)

    def _version(self, connection: sqlite3.Connection, present: Objects) -> int:
        """The version of the file's tables, 0 if it has none."""
        if "convo_schema" not in present:
            return 0
        row = connection.execute(self._statements["schema_version"]).fetchone()
        return 0 if row is None else int(row[0])

    def check_writable(
        self, connection: sqlite3.Connection, present: Objects | None = None
    ) -> None:
        """Raise `NewerDatabaseError` if a newer release of convo created the tables."""
        version = self._version(connection, present or self._objects(connection))
        if version > VERSION:
            raise newer(self._path, version, self._release(connection))

    def _release(self, connection: sqlite3.Connection) -> object:
        """The first release that can write to the file, None if it is not recorded."""
        if "release" not in self._columns_of(connection, "convo_schema"):
            return None
        row = connection.execute(self._statements["schema_release"]).fetchone()
        return None if row is None else row[0]

    def _missing(self, connection: sqlite3.Connection, present: Objects) -> list[str]:
        """The statements that create what the file lacks, and replace what is outdated."""
        statements: list[str] = []
        for one in self._definitions:
            text = present.get(one.name.lower(), (None, None))[1]
            if text is None:
                statements.append(one.statement)
            elif one.is_outdated(text) and one.kind == "table":
                statements += self._lacking_columns(connection, one)
            elif one.is_outdated(text):
                statements += [f"DROP {one.kind} {one.name}", one.statement]
        return statements

    def create(self, connection: sqlite3.Connection, present: Objects | None = None) -> None:
        """Create what is missing and replace what is outdated, within the caller's transaction.

        Raises `NewerDatabaseError` if a newer release of convo created the tables.
        """
        present = present or self._objects(connection)
        self.check_writable(connection, present)
        lacks_counts = "convo_runs" in present and "cache_write_tokens" not in self._columns_of(
            connection, "convo_runs"
        )
        for statement in self._missing(connection, present):
            connection.execute(statement)
        if lacks_counts:
            connection.execute(self._statements["fill_counts_of_runs"])
        for kind, name in connection.execute(self._statements["left_behind"]).fetchall():
            connection.execute(f"DROP {kind} {name}")
        if "message_structure" not in present:
            # The messages have lost their structure, and have to get it again.
            connection.execute(self._statements["forget_every_adoption"])
        if self._messages.lower() not in present:
            # Their ids begin at 1 again.
            connection.execute(self._statements["forget_every_index"])
            for statement in OF_MESSAGES:
                connection.execute(self._statements[statement])
        connection.execute(
            self._statements["note_schema_version"], {"version": VERSION, "release": RELEASE}
        )

    def shadow(self, connection: sqlite3.Connection) -> None:
        """Make an incomplete file that cannot be written readable as if it were complete.

        Missing tables are created as empty temporary tables of this connection, and tables that
        lack a column as temporary copies with that column.
        """
        present = self._objects(connection)
        for one in self._definitions:
            text = present.get(one.name.lower(), (None, None))[1]
            if one.kind == "index":
                continue
            if text is None:
                connection.execute(one.temporary)
            elif one.is_outdated(text) and self._lacking_columns(connection, one):
                self._copy(connection, one, None)

    def set_aside_rows(self, connection: sqlite3.Connection, session_id: str | None) -> None:
        """Hide the tables that adoption changes behind temporary copies, of one session or all.

        They are created in the caller's transaction, and disappear when it is rolled back.
        """
        self.shadow(connection)
        present = self._objects(connection)
        copied = [one for one in self._definitions if one.aside == "rows"]
        for one in copied:
            if one.name in present and not self._is_temporary(connection, one):
                self._copy(connection, one, session_id)
        for one in self._definitions:
            if one.aside == "empty":
                connection.execute(one.temporary)
            if one.kind == "index" and _target(one) in {table.name for table in copied}:
                connection.execute(one.statement)

    def _copy(
        self, connection: sqlite3.Connection, table: Definition, session_id: str | None
    ) -> None:
        """Copy a table to a temporary one, with all columns and the rows of one session or all."""
        connection.execute(table.temporary)
        found = self._columns_of(connection, table.name)
        ours = columns(self._statements, table)
        shared = ", ".join(column.name for column in ours if column.name in found)
        if "session_id" in found:
            name = "copy_rows_aside"
        else:
            name, session_id = "copy_all_aside", None
        copy = self._statements[name].format(table=table.name, columns=shared)
        connection.execute(copy, {"session_id": session_id})

    def _lacking_columns(self, connection: sqlite3.Connection, table: Definition) -> list[str]:
        """The statements that add missing columns to a table that an older release created."""
        found = self._columns_of(connection, table.name)
        return [
            f"ALTER TABLE {table.name} ADD COLUMN {column.definition}"
            for column in columns(self._statements, table)
            if column.name not in found
        ]

    def _columns_of(self, connection: sqlite3.Connection, table: str) -> dict[str, bool]:
        """The columns of a table of the file, and whether each is computed."""
        rows = connection.execute(self._statements["columns_of"], {"table": table})
        return {name.lower(): bool(is_computed) for name, is_computed in rows}

    def _is_temporary(self, connection: sqlite3.Connection, table: Definition) -> bool:
        found = connection.execute(self._statements["temporary_table"], {"table": table.name})
        return found.fetchone() is not None

    def _objects(self, connection: sqlite3.Connection) -> Objects:
        rows = connection.execute(self._statements["objects_present"])
        return {name.lower(): (kind, text) for kind, name, text in rows}

    def _check_kinds(self, connection: sqlite3.Connection, present: Objects) -> None:
        for one in (*self._definitions, *made_when_needed(self._statements)):
            kind, text = present.get(one.name.lower(), (one.kind, one.text))
            if text == one.text:
                continue
            is_virtual = bool(re.match(_VIRTUAL, text or "")) and one in self._definitions
            if kind != one.kind or is_virtual:
                found = "virtual table" if is_virtual else kind
                raise self._foreign(f"`{one.name}` is a {found}, not a {one.kind}")
            if kind != "table" or not re.search(_MAY_BE_COMPUTED, text or ""):
                continue
            columns_found = self._columns_of(connection, one.name)
            if computed := [name for name, is_computed in columns_found.items() if is_computed]:
                raise self._foreign(f"the column `{computed[0]}` of `{one.name}` is computed")

    def _foreign(self, what: str) -> NotAConversationDatabaseError:
        return NotAConversationDatabaseError(
            f"in {self._path} {what}: it is not a conversation database"
        )

    def _check_owner(
        self, connection: sqlite3.Connection, table: str, foreign_key: ForeignKey
    ) -> None:
        column, owner, key = foreign_key
        found = connection.execute(
            self._statements["foreign_keys_of"], {"table": table, "column": column}
        ).fetchall()
        if len(found) != 1:
            raise self._foreign(
                f"the table `{table}` does not carry exactly one foreign key on `{column}`"
            )
        _, parent, parent_key = found[0]
        if not (self._same(connection, parent, owner) and self._same(connection, parent_key, key)):
            raise NotAConversationDatabaseError(
                f"in {self._path} the table `{table}` belongs to '{parent}({parent_key})', not to "
                f"'{owner}({key})' of the configured pair '{self._sessions}'/'{self._messages}': "
                "give each pair of base tables a file of its own"
            )

    def _same(self, connection: sqlite3.Connection, left: str, right: str) -> bool:
        row = connection.execute(
            self._statements["same_identifier"], {"left": left, "right": right}
        ).fetchone()
        return bool(row[0])


def _target(index: Definition) -> str:
    found = re.search(_TARGET, index.statement)
    return unquoted(found[1]) if found else ""
