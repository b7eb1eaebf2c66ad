"""Databases on either engine: a path is a file of SQLite, a URL is on a PostgreSQL server."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.string import TextLoader

from convo import AdvancedSQLiteSession

Address = Path | str
Session = AdvancedSQLiteSession


def is_server(address: Address) -> bool:
    """Whether an address is on a server."""
    return str(address).startswith("postgresql:")


def open_session(address: Address, session_id: str = "talk", **options: Any) -> Session:
    """A session in the database at an address."""
    return AdvancedSQLiteSession(session_id=session_id, db_path=address, **options)


def rows(address: Address, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """What a database has, read past convo; times are texts."""
    return _run(address, sql, values)


def execute(address: Address, sql: str, *values: Any) -> None:
    """Change a database past convo; `?` is the place of a value."""
    _run(address, sql, values)


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
