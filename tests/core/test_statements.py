import re
import sqlite3
from pathlib import Path

import pytest

import convo
from convo.opening import IN_MEMORY
from convo.schema import Schema
from convo.statements import Tables, statements_for

CORE = Path(convo.__file__).parent


def test_every_statement_is_used_and_is_there() -> None:
    named = set(statements_for(Tables()).names())
    source = "\n".join(path.read_text() for path in CORE.rglob("*.py"))
    assert {name for name in named if f'"{name}"' not in source} == set()


def test_every_statement_is_read_by_sqlite() -> None:
    statements = statements_for(Tables('"say ""hi"""', "some_messages"))
    connection = sqlite3.connect(IN_MEMORY)
    Schema(statements, IN_MEMORY).create(connection)
    for table in ("create_convo_indexed", "create_convo_prompts", "create_convo_words"):
        connection.execute(statements[table])
    connection.execute(statements["let_schema_be_written"])
    for name in statements.names():
        values = dict.fromkeys(re.findall(r":(\w+)", statements[name]), 0)
        if "ADD COLUMN" in statements[name]:
            # A table that is made anew has it already.
            with pytest.raises(sqlite3.OperationalError, match="duplicate column"):
                connection.execute(statements[name])
        else:
            connection.execute(f"EXPLAIN {statements[name]}", values)


def test_the_library_has_no_sql_outside_its_sql_files() -> None:
    found = re.compile(r"\b(SELECT .+ FROM|INSERT INTO|DELETE FROM|UPDATE \w+ SET)\b")
    assert [path.name for path in CORE.rglob("*.py") if found.search(path.read_text())] == [
        "opening.py"
    ]
