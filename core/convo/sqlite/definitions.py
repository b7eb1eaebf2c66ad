"""The objects that a complete file has, as `storage/tables.sql` and `tables.sql` define them.

The tables and indexes are those that their `create_…` and `index_…` blocks make, in order, and the
columns are read from tables that SQLite makes: nothing about the schema is written down twice.
"""

import re
import sqlite3
from contextlib import closing
from functools import cache
from typing import Literal, NamedTuple

from convo.storage.statements import Statements, unquoted

Kind = Literal["table", "index"]

_CREATE = re.compile(
    r"^CREATE (TABLE|VIRTUAL TABLE|INDEX) IF NOT EXISTS (\"(?:[^\"]|\"\")+\"|\w+)", re.MULTILINE
)
_FOREIGN_KEY = re.compile(r"FOREIGN KEY \((\w+)\) REFERENCES (\"(?:[^\"]|\"\")+\"|\w+) \((\w+)\)")
_ASIDE = re.compile(r"^-- Aside: (rows|empty)\.$", re.MULTILINE)
_OWN = "convo_"


class Column(NamedTuple):
    """A column as `ALTER TABLE … ADD COLUMN` takes it."""

    name: str
    definition: str


class ForeignKey(NamedTuple):
    """A column of a table, and the table and column that it references."""

    column: str
    owner: str
    key: str


class Definition(NamedTuple):
    """One object: the block that creates it, and the text that SQLite stores for it.

    `aside` says what a temporary table that replaces it during a read-only read contains: a copy of
    its rows, or none. A comment in the block sets it.
    """

    block: str
    kind: Kind
    name: str
    text: str
    statement: str
    aside: Literal["rows", "empty"] | None = None
    foreign_keys: tuple[ForeignKey, ...] = ()

    @property
    def is_own(self) -> bool:
        """Whether only convo has it, in contrast to the tables shared with the SDK."""
        return self.name.startswith(_OWN)

    def is_outdated(self, text: str) -> bool:
        """Whether a file with this text has the object from another release or program.

        Objects shared with the SDK may have the text that the SDK gives them.
        """
        return self.is_own and text != self.text

    @property
    def temporary(self) -> str:
        """The statement that creates it as a temporary object, which hides the one in the file."""
        return self.statement.replace("CREATE ", "CREATE TEMP ", 1)


@cache
def definitions(statements: Statements) -> tuple[Definition, ...]:
    """Every object of the schema: the tables first, then the indexes."""
    blocks = [*statements.names_in("storage/tables"), *statements.names_in("sqlite/tables")]
    found = [
        definition(statements, block)
        for block in dict.fromkeys(blocks)
        if block.startswith(("create_", "index_"))
    ]
    order: tuple[Kind, ...] = ("table", "index")
    return tuple(one for kind in order for one in found if one.kind == kind)


@cache
def made_when_needed(statements: Statements) -> tuple[Definition, ...]:
    """The tables that the first search of a file creates."""
    names = statements.names_in("sqlite/full_text")
    return tuple(definition(statements, name) for name in names if name.startswith("create_"))


@cache
def definition(statements: Statements, block: str) -> Definition:
    """The object that a block creates."""
    statement = statements[block]
    match = _CREATE.search(statement)
    if match is None:
        raise ValueError(f"the SQL block {block!r} creates nothing")
    kind: Kind = "index" if match[1] == "INDEX" else "table"
    # SQLite stores the statement from the name on, after a beginning of its own.
    text = f"CREATE {match[1]} {statement[match.start(2) :]}"
    aside = _ASIDE.search(statement)
    return Definition(
        block,
        kind,
        unquoted(match[2]),
        text,
        statement[match.start() :],
        None if aside is None else "rows" if aside[1] == "rows" else "empty",
        tuple(
            ForeignKey(column, unquoted(owner), key)
            for column, owner, key in _FOREIGN_KEY.findall(statement)
        ),
    )


@cache
def columns(statements: Statements, table: Definition) -> tuple[Column, ...]:
    """The columns of a table, in order, as SQLite creates them."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(table.statement)
        rows = connection.execute(statements["columns_defined"], {"table": table.name})
        return tuple(Column(name, _column(name, *rest)) for name, *rest in rows)


def _column(name: str, type_name: str, is_required: int, default: str | None) -> str:
    required = " NOT NULL" if is_required else ""
    return f"{name} {type_name}{required}{'' if default is None else f' DEFAULT {default}'}"
