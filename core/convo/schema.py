"""The tables: whether a file has them, whose they are, and making what is missing."""

import sqlite3

from convo.errors import NotAConversationDatabaseError
from convo.statements import Statements, unquoted

_TABLES = (
    "create_sessions",
    "create_messages",
    "create_message_structure",
    "create_turn_usage",
    "create_branch_reservations",
    "create_session_clear_generations",
    "create_convo_branches",
    "create_convo_renamed_branches",
    "create_convo_empty_branches",
    "create_convo_sessions",
    "create_convo_head",
    "create_convo_adopted",
    "create_convo_last_rows",
    "create_convo_runs",
    "create_convo_held_turns",
    "create_convo_foreign_usage",
    "create_convo_removed",
    "create_convo_removed_rows",
    "create_convo_removed_messages",
    "create_convo_removed_usage",
)
_COLUMNS = (
    ("convo_sessions", "agent", "add_agent_to_sessions"),
    ("convo_sessions", "model_chosen", "add_model_chosen_to_sessions"),
)
"""Columns that a table gained after it was first made, oldest first, and what adds each."""

_INDEXES = (
    "index_messages_of_session",
    "index_structure_of_branch",
    "index_structure_of_message",
    "index_turns",
    "index_runs_of_turn",
    "index_held_of_branch",
    "index_held_again",
    "index_removed_rows_of_message",
    "index_removed_of_session",
)
_BESIDE_COPIES = (
    "create_convo_empty_branches",
    "create_convo_foreign_usage",
    "create_convo_last_rows",
)
"""What looks at the copies, or begins empty beside them."""

_COPIES = {
    "create_message_structure": "copy_structure_aside",
    "create_turn_usage": "copy_usage_aside",
    "create_convo_branches": "copy_branches_aside",
    "create_convo_adopted": "copy_adopted_aside",
    "create_convo_runs": "copy_runs_aside",
}
_OLD_COPIES = {"convo_sessions": "copy_old_sessions_aside"}
"""The tables of `_COLUMNS`, as they are in a file that cannot be given the columns."""

_OF_ORIGINALS = {
    "index_messages_of_session",
    "index_held_of_branch",
    "index_held_again",
    "index_removed_rows_of_message",
    "index_removed_of_session",
}
_INDEXES_OF_COPIES = tuple(name for name in _INDEXES if name not in _OF_ORIGINALS)
_STRUCTURE = ("message_structure", "turn_usage")


class Schema:
    """What convo keeps in a file, for one pair of base tables."""

    def __init__(self, statements: Statements, path: str) -> None:
        self._statements = statements
        self._path = path
        self._sessions = unquoted(statements.tables.sessions)
        self._messages = unquoted(statements.tables.messages)

    def check_usable(self, connection: sqlite3.Connection, *, create: bool) -> None:
        """Raise `NotAConversationDatabaseError` unless the file holds, or may get, the tables.

        Structure tables belong to the pair of base tables that their foreign keys name; without
        `create` they must be there.
        """
        present = self._tables_present(connection)
        for table in _STRUCTURE:
            if table not in present:
                if not create:
                    raise NotAConversationDatabaseError(
                        f"{self._path} has no table `{table}`: "
                        "use create_tables=True to create the structure tables"
                    )
                continue
            self._check_owner(connection, table, "session_id", self._sessions, "session_id")
        if "message_structure" in present:
            self._check_owner(connection, "message_structure", "message_id", self._messages, "id")
        if self._messages.lower() in {name.lower() for name in present}:
            self._check_owner(
                connection, self._messages, "session_id", self._sessions, "session_id"
            )

    def is_complete(self, connection: sqlite3.Connection) -> bool:
        """Whether every table, every column and every index is there."""
        return not self.missing(connection)

    def missing(self, connection: sqlite3.Connection) -> list[str]:
        """The statements that would create what the file lacks."""
        present = {name.lower() for _, name in self._objects(connection)}

        def lacking(names: tuple[str, ...]) -> list[str]:
            return [
                name
                for name in names
                if _created_name(self._statements[name]).lower() not in present
            ]

        columns = [name for _, name in self._columns_lacking(connection)]
        return [*lacking(_TABLES), *columns, *lacking(_INDEXES)]

    def create(self, connection: sqlite3.Connection) -> None:
        """Create what is missing, within the caller's transaction, in the place of what was."""
        missing = self.missing(connection)
        for name in missing:
            connection.execute(self._statements[name])
        for (name,) in connection.execute(self._statements["indexes_left_behind"]).fetchall():
            connection.execute(f"DROP INDEX {name}")
        if "create_message_structure" in missing:
            # Whatever had its structure has lost it, and is to be given it anew.
            connection.execute(self._statements["forget_every_adoption"])
        if "create_messages" in missing:
            # Their numbers begin anew.
            connection.execute(self._statements["forget_every_index"])

    def shadow(self, connection: sqlite3.Connection) -> None:
        """Let an incomplete file that cannot be written be read as if it were complete.

        What is missing is created as temporary, empty tables of this connection.
        """
        lacking = self._columns_lacking(connection)
        for name in self.missing(connection):
            if name in _TABLES:
                self._create_temporary(connection, name)
        self._complete_temporarily(connection, lacking)

    def set_aside(self, connection: sqlite3.Connection, session_id: str | None) -> None:
        """Put temporary copies, of one session or all, in the place of what adoption changes.

        Within the caller's transaction, with which they go when it is rolled back.
        """
        missing = set(self.missing(connection))
        self._complete_temporarily(connection, self._columns_lacking(connection))
        for name in _TABLES:
            if name in missing or name in _COPIES or name in _BESIDE_COPIES:
                self._create_temporary(connection, name)
        for name, copy in _COPIES.items():
            if name not in missing:
                connection.execute(self._statements[copy], {"session_id": session_id})
        for name in _INDEXES_OF_COPIES:
            connection.execute(self._statements[name])

    def _create_temporary(self, connection: sqlite3.Connection, name: str) -> None:
        statement = self._statements[name]
        connection.execute(statement.replace("CREATE ", "CREATE TEMP ", 1))

    def _columns_lacking(self, connection: sqlite3.Connection) -> list[tuple[str, str]]:
        """The tables that are there without a column that they should have, and what adds it."""
        there: dict[str, set[str]] = {}
        for table in dict.fromkeys(table for table, _, _ in _COLUMNS):
            columns = connection.execute(self._statements["columns_of"], {"table": table})
            there[table] = {name.lower() for (name,) in columns}
        return [
            (table, name)
            for table, column, name in _COLUMNS
            if there[table] and column not in there[table]
        ]

    def _complete_temporarily(
        self, connection: sqlite3.Connection, lacking: list[tuple[str, str]]
    ) -> None:
        """Put temporary copies that have every column in the place of tables that have not."""
        for table in dict.fromkeys(table for table, _ in lacking):
            connection.execute(self._statements[_OLD_COPIES[table]])
        for _, name in lacking:
            connection.execute(self._statements[name])

    def _objects(self, connection: sqlite3.Connection) -> list[tuple[str, str]]:
        return connection.execute(self._statements["objects_present"]).fetchall()

    def _tables_present(self, connection: sqlite3.Connection) -> set[str]:
        return {name for kind, name in self._objects(connection) if kind == "table"}

    def _check_owner(
        self, connection: sqlite3.Connection, table: str, column: str, owner: str, key: str
    ) -> None:
        found = connection.execute(
            self._statements["foreign_keys_of"], {"table": table, "column": column}
        ).fetchall()
        if len(found) != 1:
            raise NotAConversationDatabaseError(
                f"in {self._path} the table `{table}` does not carry exactly one foreign key on "
                f"`{column}`: it is not a conversation database"
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


def _created_name(statement: str) -> str:
    head = statement[statement.index("IF NOT EXISTS") + len("IF NOT EXISTS") :].lstrip()
    if head.startswith('"'):
        end = head.replace('""', "__").index('"', 1)
        return unquoted(head[: end + 1])
    return head.split(None, 1)[0]
