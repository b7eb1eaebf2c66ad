"""The schema of a database: look what is there, and create what is missing."""

import re
from typing import NamedTuple

from convo.errors import NotAConversationDatabaseError
from convo.postgres.connection import ServerConnection
from convo.postgres.dialect import PostgresStatements, quoted
from convo.postgres.url import ServerAddress
from convo.storage.schema_version import VERSION, newer
from convo.storage.statements import unquoted

_CREATED = re.compile(
    r"^CREATE (TABLE|INDEX) IF NOT EXISTS (?:\"[^\"]+\"\.)?(\"[^\"]+\"|\w+)", re.M
)
_COLUMN = re.compile(r"^    ([a-z]\w*) (.+?),?$", re.MULTILINE)

_RACED = frozenset(["23505", "42P07", "42701", "40P01", "XX000", "55P03"])
"""What fails if two programs create the same table or column at once."""


class _Object(NamedTuple):
    """A table or an index: the statement that creates it, and the columns of a table."""

    name: str
    is_table: bool
    statement: str
    columns: dict[str, str]


def is_race(error: BaseException) -> bool:
    """Whether another program has created the same objects at the same time."""
    return getattr(error, "sqlstate", None) in _RACED


def created_objects(statements: PostgresStatements) -> list[_Object]:
    """Everything that a complete database has: the tables first, in the order of their keys."""
    names = [
        *statements.common.names_in("storage/tables"),
        *statements.common.names_in("postgres/tables"),
        *statements.common.names_in("postgres/full_text"),
        *statements.common.names_in("postgres/planning"),
    ]
    found: dict[str, _Object] = {}
    for block in names:
        if block.startswith(("create_", "index_")):
            statement = statements.text(block)
            made = _CREATED.search(statement)
            assert made is not None, block
            is_table = made[1] == "TABLE"
            columns = dict(_COLUMN.findall(statement)) if is_table else {}
            name = unquoted(made[2])
            found.setdefault(name, _Object(name, is_table, statement, columns))
    return sorted(found.values(), key=lambda one: not one.is_table)


class Schema:
    """Convo's tables in one schema of a database, for one pair of base tables."""

    def __init__(self, statements: PostgresStatements, address: ServerAddress) -> None:
        self._statements = statements
        self._address = address
        self._objects = created_objects(statements)

    def missing(self, connection: ServerConnection) -> list[str]:
        """The statements that create what the database lacks.

        Raises `NotAConversationDatabaseError` if something else has the name of a table.
        """
        present = self._present(connection)
        statements: list[str] = []
        for one in self._objects:
            kind, columns = present.get(one.name, (None, ""))
            if kind is None:
                statements.append(one.statement)
            elif one.is_table and kind not in ("r", "p"):
                raise NotAConversationDatabaseError(
                    f"in the database {self._address} `{one.name}` is not a table"
                )
            elif one.is_table:
                statements += self._lacking_columns(one, columns.split())
        return statements

    def version(self, connection: ServerConnection) -> int:
        """The version of the tables, 0 if there are none."""
        if "convo_schema" not in self._present(connection):
            return 0
        rows = connection.send([self._filled("version_present")])[0].rows
        return int(rows[0][0]) if rows else 0

    def create(self, connection: ServerConnection) -> None:
        """Create what is missing in one transaction.

        Raises `NewerDatabaseError` if a newer release created the tables.
        """
        version = self.version(connection)
        if version > VERSION:
            raise newer(self._address, version)
        statements = self.missing(connection)
        if not statements and version == VERSION:
            return
        # Even to create one that is there takes a right that not every role has.
        found = connection.send([self._filled("schema_is_there", schema=self._statements.schema)])
        schema = f"CREATE SCHEMA IF NOT EXISTS {quoted(self._statements.schema)}"
        is_there = bool(found[0].rows)
        note = self._filled("note_schema_version", version=VERSION)
        connection.send(["BEGIN", *([] if is_there else [schema]), *statements, note, "COMMIT"])

    def require(self, connection: ServerConnection) -> None:
        """Raise `NotAConversationDatabaseError` if a table is missing."""
        present = self._present(connection)
        for one in self._objects:
            if one.is_table and one.name not in present:
                raise NotAConversationDatabaseError(
                    f"the database {self._address} has no table `{one.name}` in its schema "
                    f"'{self._statements.schema}'",
                    hint="make the tables with `convo db init`, or with create_tables=True",
                )

    def _present(self, connection: ServerConnection) -> dict[str, tuple[str, str]]:
        rows = connection.send([self._filled("objects_present", schema=self._statements.schema)])
        return {name: (kind, columns) for name, kind, columns in rows[0].rows}

    def _lacking_columns(self, table: _Object, found: list[str]) -> list[str]:
        name = f"{quoted(self._statements.schema)}.{quoted(table.name)}"
        return [
            f"ALTER TABLE {name} ADD COLUMN IF NOT EXISTS {column} {definition}"
            for column, definition in table.columns.items()
            if column not in found
        ]

    def _filled(self, name: str, **values: object) -> str:
        def quote(value: object) -> str:
            return "'" + str(value).replace("'", "''") + "'"

        return self._statements[name].filled(values, quote)
