"""What the schema defines: the objects that a complete file has, read from `schema.sql`.

The tables and indexes are those that the file's `create_…` and `index_…` blocks make, in
their order, and the columns are those of the tables as SQLite itself makes them: nothing about the
schema is written down a second time.
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
    """A column of a table, and the table and column that it refers to."""

    column: str
    owner: str
    key: str


class Definition(NamedTuple):
    """One object: the block that makes it, and the text that SQLite keeps of it.

    `aside` is what a read has of a table in the place of what it cannot write: a copy of its rows,
    or none of them. The block says so in a comment.
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
        """Whether it is convo's alone, not one of the tables that it shares with the SDK."""
        return self.name.startswith(_OWN)

    def is_outdated(self, text: str) -> bool:
        """Whether a file that keeps this text of it has it from another release, or from others.

        What convo shares with the SDK may be worded as the SDK words it.
        """
        return self.is_own and text != self.text

    @property
    def temporary(self) -> str:
        """The statement that makes it for one connection, in the place of the one in the file."""
        return self.statement.replace("CREATE ", "CREATE TEMP ", 1)


@cache
def definitions(statements: Statements) -> tuple[Definition, ...]:
    """Every object of the schema: the tables first, then the indexes."""
    found = [
        definition(statements, block)
        for block in statements.names_in("sqlite/schema")
        if block.startswith(("create_", "index_"))
    ]
    order: tuple[Kind, ...] = ("table", "index")
    return tuple(one for kind in order for one in found if one.kind == kind)


@cache
def made_when_needed(statements: Statements) -> tuple[Definition, ...]:
    """The tables that a file gets once somebody searches it."""
    names = statements.names_in("sqlite/full_text")
    return tuple(definition(statements, name) for name in names if name.startswith("create_"))


@cache
def definition(statements: Statements, block: str) -> Definition:
    """The object that a block makes."""
    statement = statements[block]
    match = _CREATE.search(statement)
    if match is None:
        raise ValueError(f"the SQL block {block!r} creates nothing")
    kind: Kind = "index" if match[1] == "INDEX" else "table"
    # SQLite keeps the statement from the name on, behind a beginning of its own.
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
    """The columns of a table, in order, as SQLite makes them."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(table.statement)
        rows = connection.execute(statements["columns_defined"], {"table": table.name})
        return tuple(Column(name, _column(name, *rest)) for name, *rest in rows)


def _column(name: str, type_name: str, is_required: int, default: str | None) -> str:
    required = " NOT NULL" if is_required else ""
    return f"{name} {type_name}{required}{'' if default is None else f' DEFAULT {default}'}"
