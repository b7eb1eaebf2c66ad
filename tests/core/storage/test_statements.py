import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import convo
from convo.sqlite.connect import IN_MEMORY
from convo.sqlite.definitions import definitions
from convo.sqlite.dialect import statements_for
from convo.sqlite.schema import Schema
from convo.storage.statements import Statements, Tables

CORE = Path(convo.__file__).parent

OF_THE_WHOLE_FILE = {
    "fill_counts_of_runs",
    "sessions_with_news",
    "session_names",
    "sessions_without_record",
    "glance_sessions",
    "glance_sessions_saying",
    "glance_newest_sessions",
    "glance_models",
    "glance_removed_sessions",
    "glance_waiting",
    "list_sessions",
    "lock_every_session",
    "count_some_sessions",
    "newest_session",
    "last_tries",
    "last_tries_of_new_sessions",
    "processes_of_last_tries",
    "messages_said",
    "starred_sessions",
}
"""Statements that are about all sessions, beside those that look for damage and mend it."""

OF_FEW_ROWS = {
    "convo_head",
    "convo_indexed",
    "convo_removed_sessions",
    "convo_renamed_sessions",
    "sqlite_sequence",
}


COPIES = {"copy_rows_aside", "copy_all_aside"}

INSIDE_OTHERS = {
    name for path in CORE.rglob("*.sql") for name in re.findall(r"\(\{(\w+)\}\)", path.read_text())
} - {"columns"}
"""Queries that others read from: what they read is for those to say."""

CORRELATED = {"source_of_run", "is_usual"}
"""What is about a row of the queries that include it: it is read there."""


@contextmanager
def complete(statements: Statements) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(IN_MEMORY)) as connection:
        Schema(statements, IN_MEMORY).create(connection)
        for table in ("create_convo_indexed", "create_convo_prompts", "create_convo_words"):
            connection.execute(statements[table])
        yield connection


def test_every_statement_is_used_and_is_there() -> None:
    statements = statements_for(Tables())
    defined = {one.block for one in definitions(statements)}
    named = set(statements.names()) - defined - INSIDE_OTHERS
    source = "\n".join(path.read_text() for path in CORE.rglob("*.py"))
    together = tuple(re.findall(r'blocks_beginning\("(\w+)"\)', source))
    assert together
    together += tuple(re.findall(r'\.(?:execute|rows)\(f"(\w+_)\{', source))
    unused = {name for name in named if f'"{name}"' not in source}
    assert {name for name in unused if not name.startswith(together)} == set()


def test_every_statement_is_read_by_sqlite() -> None:
    assert CORRELATED <= INSIDE_OTHERS
    statements = statements_for(Tables('"say ""hi"""', "some_messages"))
    with complete(statements) as connection:
        connection.execute(statements["let_schema_be_written"])
        for place in ("main", "temp"):
            connection.execute(f"CREATE TABLE {place}.copied (session_id TEXT)")
        # In their order: that which lets the schema be written comes before those that need it.
        for name in (name for name in statements.names() if name not in CORRELATED):
            values = dict.fromkeys(re.findall(r":(\w+)", statements[name]), 0)
            connection.execute(f"EXPLAIN {filled_in(statements[name])}", values)


def filled_in(statement: str) -> str:
    """A statement that copies a table is given the table and the columns that it has."""
    return statement.replace("{table}", "copied").replace("{columns}", "session_id")


def test_no_statement_walks_through_the_rows_of_other_sessions() -> None:
    statements = statements_for(Tables())
    with complete(statements) as connection:
        elsewhere = {"disown_table"} | COPIES | INSIDE_OTHERS
        walks = {
            name: walked
            for name in set(statements.names()) - OF_THE_WHOLE_FILE - elsewhere
            if not name.startswith(("find_", "mend_"))
            and re.search("^(WITH|SELECT|INSERT|UPDATE|DELETE)", statements[name], re.MULTILINE)
            and (walked := walked_through(connection, statements[name]))
        }
        assert walks == {}


def walked_through(connection: sqlite3.Connection, statement: str) -> set[str]:
    """The tables that SQLite begins to read from their first row, or that of an index, on."""
    tables = dict(connection.execute("SELECT rootpage, tbl_name FROM sqlite_master"))
    values = dict.fromkeys(re.findall(r":(\w+)", statement), 0)
    steps = [row[1:5] for row in connection.execute(f"EXPLAIN {statement}", values)]
    opened = {
        cursor: tables[root]
        for step, cursor, root, database in steps
        if step in ("OpenRead", "OpenWrite") and database == 0 and root in tables
    }
    begun = {cursor for step, cursor, _, _ in steps if step == "Rewind"}
    return {opened[cursor] for cursor in begun & opened.keys()} - OF_FEW_ROWS


def test_the_library_has_no_sql_outside_its_sql_files() -> None:
    found = re.compile(r"\b(SELECT .+ FROM|INSERT INTO|DELETE FROM|UPDATE \w+ SET)\b")
    # A macro of a dialect is a part of a statement.
    files = {path.name for path in CORE.rglob("*.py") if found.search(path.read_text())}
    assert files - {"dialect.py"} == {"connect.py"}
