"""Databases on either engine: a path is a file of SQLite, a URL is on a PostgreSQL server."""

import json
import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.string import TextLoader

from convo import AdvancedPostgresSession, AdvancedSQLiteSession

Address = Path | str
Session = AdvancedSQLiteSession | AdvancedPostgresSession


def is_server(address: Address) -> bool:
    """Whether an address is on a server."""
    return str(address).startswith("postgresql:")


def shown(address: Address) -> str:
    """An address as errors show it: without its password."""
    return re.sub(r":[^:/@]+@", "@", str(address))


def open_session(address: Address, session_id: str = "talk", **options: Any) -> Session:
    """A session in the database at an address."""
    if is_server(address):
        return AdvancedPostgresSession(session_id, url=str(address), **options)
    return AdvancedSQLiteSession(session_id=session_id, db_path=address, **options)


def rows(address: Address, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """What a database has, read past convo, in an order that the query names; times are texts."""
    found = _run(address, sql, values)
    # A server returns rows in the order that suits it, which changes from run to run.
    assert len(found) < 2 or "ORDER BY" in sql or not is_server(address), f"no ORDER BY: {sql}"
    return found


def contents(address: Address, table: str) -> list[tuple[Any, ...]]:
    """All rows of a table, sorted, to compare them with what they were."""
    return sorted(_run(address, f'SELECT * FROM "{table}"', []), key=repr)


def execute(address: Address, sql: str, *values: Any) -> None:
    """Change a database past convo; `?` is the place of a value."""
    _run(address, sql, values)


def tables(address: Address) -> list[str]:
    """The names of all tables of a database, in order."""
    if is_server(address):
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'table'"
    return sorted(name for (name,) in _run(address, query, []))


def columns(address: Address, table: str) -> list[str]:
    """The names of the columns of a table, in any order."""
    if is_server(address):
        query = "SELECT column_name FROM information_schema.columns WHERE table_name = ?"
    else:
        query = "SELECT name FROM pragma_table_info(?)"
    return [name for (name,) in _run(address, query, [table])]


def add_plain(address: Address, session_id: str, *items: dict[str, Any]) -> None:
    """Add items as the SDK's sessions without branches do: rows without structure."""
    execute(
        address,
        "INSERT INTO agent_sessions (session_id) VALUES (?) ON CONFLICT DO NOTHING",
        session_id,
    )
    for item in items:
        execute(
            address,
            "INSERT INTO agent_messages (session_id, message_data) VALUES (?, ?)",
            session_id,
            json.dumps(item),
        )


def _run(address: Address, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    if is_server(address):
        with psycopg.connect(str(address)) as connection:
            connection.adapters.register_loader("timestamp", TextLoader)
            # Without values, `%` and `?` are what they are.
            if values:
                found = connection.execute(sql.replace("?", "%s").encode(), values)
            else:
                found = connection.execute(sql.encode())
            return found.fetchall() if found.description else []
    file = sqlite3.connect(address)
    try:
        found = file.execute(sql, values).fetchall()
        file.commit()
        return found
    finally:
        file.close()
