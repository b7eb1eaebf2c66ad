import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from convo import AdvancedSQLiteSession
from convo.errors import NotAConversationDatabaseError
from convo.sqlite.connect import IN_MEMORY
from convo.sqlite.dialect import statements_for
from convo.sqlite.schema import Schema
from convo.storage.statements import Tables
from tests.core.addresses import execute, rows
from tests.core.talk import turn


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(IN_MEMORY)) as opened:
        yield opened


@pytest.fixture
def schema() -> Schema:
    return Schema(statements_for(Tables()), "c.db")


def test_what_was_created_is_complete(schema: Schema, connection: sqlite3.Connection) -> None:
    assert not schema.is_complete(connection)
    schema.create(connection)
    assert schema.is_complete(connection)
    schema.check_usable(connection, create=False)


def test_our_own_tables_are_named_so(schema: Schema, connection: sqlite3.Connection) -> None:
    schema.create(connection)
    names = {
        name
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
        )
    }
    shared = {
        "agent_sessions",
        "agent_messages",
        "message_structure",
        "turn_usage",
        "branch_reservations",
        "session_clear_generations",
        "sqlite_sequence",
    }
    assert shared <= names
    assert all(name.startswith("convo_") for name in names - shared)


async def test_what_is_lost_is_made_again(path: Path) -> None:
    async with AdvancedSQLiteSession(
        session_id="talk", db_path=path, create_tables=True
    ) as session:
        await session.add_items(turn("a"))
    execute(path, "DROP TABLE convo_branches")
    execute(path, "DROP INDEX convo_structure_of_message")
    async with AdvancedSQLiteSession(session_id="talk", db_path=path) as session:
        assert len(await session.get_items()) == 2
    assert rows(
        path,
        "SELECT name FROM sqlite_master WHERE name IN"
        " ('convo_branches', 'convo_structure_of_message') ORDER BY 1",
    ) == [("convo_branches",), ("convo_structure_of_message",)]


_FORMER_INDEXES = {
    "convo_user_messages": "branch_turn_number",
    "idx_structure_branch_seq": "sequence_number",
    "idx_structure_session_seq": "sequence_number",
    "idx_structure_turn": "user_turn_number",
}
_INDEXES = [
    "convo_structure_of_branch",
    "convo_structure_of_message",
    "convo_turns_of_branch",
]


def indexes_of_structure(path: Path) -> list[str]:
    found = rows(
        path,
        "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'message_structure'",
    )
    return sorted(name for (name,) in found)


async def open_as_of_old(path: Path, *more: str) -> None:
    """Give a file the indexes that it would have from a former version, and open it."""
    options = {"session_id": "talk", "db_path": path, "create_tables": True}
    async with AdvancedSQLiteSession(**options) as session:
        await session.add_items(turn("a"))
    execute(path, "DROP INDEX convo_turns_of_branch")
    for name in (*_FORMER_INDEXES, *more):
        column = _FORMER_INDEXES.get(name, "branch_id")
        execute(path, f"CREATE INDEX {name} ON message_structure ({column})")
    async with AdvancedSQLiteSession(**options) as session:
        await session.add_items(turn("b"))


async def test_former_indexes_give_way(path: Path) -> None:
    await open_as_of_old(path)
    assert indexes_of_structure(path) == _INDEXES


async def test_the_indexes_of_the_sdk_are_left_alone(path: Path) -> None:
    await open_as_of_old(path, "idx_structure_branch")
    theirs = {*_FORMER_INDEXES, "idx_structure_branch"} - {"convo_user_messages"}
    assert indexes_of_structure(path) == sorted({*_INDEXES, *theirs})


@pytest.mark.parametrize(
    "table",
    [
        "CREATE TABLE turn_usage (session_id TEXT)",
        "CREATE TABLE message_structure (session_id TEXT REFERENCES agent_sessions (session_id))",
        "CREATE TABLE agent_messages (id INTEGER PRIMARY KEY, session_id TEXT)",
    ],
)
def test_a_table_without_its_foreign_keys(path: Path, table: str) -> None:
    execute(path, table)
    with pytest.raises(NotAConversationDatabaseError, match="exactly one foreign key"):
        AdvancedSQLiteSession(session_id="talk", db_path=path, create_tables=True)
