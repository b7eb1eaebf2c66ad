"""The schema of a database: look what is there, and create what is missing."""

import re
from typing import NamedTuple

from convo.errors import NotAConversationDatabaseError
from convo.postgres.connection import ServerConnection
from convo.postgres.dialect import PostgresStatements, quoted
from convo.postgres.keeping import KEY, TRIGGERS, are_refused, keepers, stand_in, warn
from convo.postgres.url import ServerAddress
from convo.storage.schema_version import OF_MESSAGES, RELEASE, VERSION
from convo.storage.statements import unquoted

_CREATED = re.compile(
    r"^CREATE (TABLE|INDEX) IF NOT EXISTS (?:\"[^\"]+\"\.)?(\"[^\"]+\"|\w+)", re.M
)
_COLUMN = re.compile(r"^    ([a-z]\w*) (.+?),?$", re.MULTILINE)

_PATIENCE = 2_000
"""Milliseconds that a change of the tables waits for others, who wait behind it meanwhile."""

Present = dict[str, tuple[str, str]]
"""The kind of each object of a schema, and its columns with spaces between them."""

_RACED = frozenset(["23505", "42P07", "42701", "42710", "40P01", "XX000", "55P03"])
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
    """Convo's tables in one schema of a database, as they have been found there."""

    def __init__(
        self, statements: PostgresStatements, address: ServerAddress, present: Present
    ) -> None:
        self._statements = statements
        self._address = address
        self._present = present
        self._objects = created_objects(statements)

    def create(self, connection: ServerConnection) -> None:
        """Create what is missing in one transaction, and complete what an older release created.

        The tables of a newer release are left as they are: they are only read.
        """
        version = self._version(connection)
        statements = self._missing()
        lacks_keepers = KEY not in self._present and not all(
            name in self._present for name in TRIGGERS
        )
        if version > VERSION or (version == VERSION and not statements and not lacks_keepers):
            return
        # Even to create one that is there takes a right that not every role has.
        schema = self._statements.schema
        if not connection.send([self._filled("schema_is_there", schema=schema)])[0].rows:
            statements.insert(0, f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")
        note = self._filled("note_schema_version", version=VERSION, release=RELEASE)
        wait = f"SELECT set_config('lock_timeout', '{_PATIENCE}', true)"
        changes = ["BEGIN", wait, *self._locks(), *statements, *self._forgotten(), note]
        try:
            made = keepers(self._statements) if lacks_keepers else []
            connection.send([*changes, *made, "COMMIT"])
        except Exception as error:
            if not lacks_keepers or not are_refused(error):
                raise
            connection.send(["ROLLBACK"])
            if statements:
                connection.send([*changes, *stand_in(self._statements), "COMMIT"])
            warn(self._address)

    def _locks(self) -> list[str]:
        """The statements that lock the base tables, if they are there, as every writer does.

        A writer locks the row of a session first. In another order, a change of the tables and a
        writer would wait for each other, and a writer of the SDK's class does not try again.
        """
        base = self._statements.tables
        names = [unquoted(name) for name in base]
        if not all(name in self._present for name in names):
            return []
        schema = quoted(self._statements.schema)
        return [f"LOCK TABLE {schema}.{quoted(name)} IN EXCLUSIVE MODE" for name in names]

    def _forgotten(self) -> list[str]:
        """The statements that delete what is not true any more, because tables had been dropped."""
        names = []
        if "message_structure" not in self._present:
            # The messages have lost their structure, and have to get it again.
            names.append("forget_every_adoption")
        if unquoted(self._statements.tables.messages) not in self._present:
            # Their ids begin at 1 again.
            names += ["forget_every_position", "drop_words", *OF_MESSAGES]
            names.append("mend_structure_without_message")
        return [self._filled(name) for name in names]

    def require(self) -> None:
        """Raise `NotAConversationDatabaseError` if a table or a column is missing."""
        schema = self._statements.schema
        for one in self._objects:
            if not one.is_table:
                continue
            kind, found = self._present.get(one.name, (None, ""))
            if kind is None:
                what = f"no table `{one.name}`"
            elif lacking := [name for name in one.columns if name not in found.split()]:
                what = f"no column `{lacking[0]}` of `{one.name}`"
            else:
                continue
            raise NotAConversationDatabaseError(
                f"the database {self._address} has {what} in its schema '{schema}'",
                hint="make the tables with `convo db init`, or with create_tables=True",
            )

    def _version(self, connection: ServerConnection) -> int:
        """The version of the tables, 0 if there are none."""
        if "convo_schema" not in self._present:
            return 0
        rows = connection.send([self._filled("version_present")])[0].rows
        return int(rows[0][0]) if rows else 0

    def _missing(self) -> list[str]:
        """The statements that create what the database lacks.

        Raises `NotAConversationDatabaseError` if something else has the name of a table.
        """
        statements: list[str] = []
        for one in self._objects:
            kind, columns = self._present.get(one.name, (None, ""))
            if kind is None:
                statements.append(one.statement)
            elif one.is_table and kind not in ("r", "p"):
                raise NotAConversationDatabaseError(
                    f"in the database {self._address} `{one.name}` is not a table"
                )
            elif one.is_table:
                statements += self._lacking_columns(one, columns.split())
        return statements

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
