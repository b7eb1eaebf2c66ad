"""A database of two conversations, and every kind of damage that a row of it can have."""

import sqlite3
from contextlib import closing
from pathlib import Path

from convo import ConversationStore
from tests.core.talk import call, run, turn, user

VALUES = {
    "nothing": "NULL",
    "bytes": "x'fffe00'",
    "a word": "'abc'",
    "empty": "''",
    "no UTF-8": "CAST(x'ff6162' AS TEXT)",
    "NUL": "CAST(x'610062' AS TEXT)",
    "a fraction": "1.5",
    "negative": "-5",
    "huge": "9223372036854775807",
}
MESSAGES = {
    **VALUES,
    "cut JSON": """'{"role": "user", "content": "b'""",
    "deep": "'" + "[" * 100_000 + "'",
    "deep and whole": "'" + "[" * 100_000 + "]" * 100_000 + "'",
    "a number": "'7'",
    "a list": "'[1, 2]'",
    "null": "'null'",
    "UTF-16": "CAST(x'7b0022006100220000' AS TEXT)",
    "content is null": """'{"role": "user", "content": null}'""",
    "content is a number": """'{"role": "user", "content": 5}'""",
    "names itself badly": """'{"type": ["a"], "name": {"b": 1}, "role": "\\ud800"}'""",
}


async def make(path: Path) -> None:
    """`talk`, which is to be damaged, and `other`: three turns on `main`, four on `fork`."""
    async with ConversationStore(path, create=True) as store:
        for session_id in ("talk", "other"):
            await store.start_session(session_id)
            for question in "abc":
                items = [*turn(question), call(f"tool-{question}")]
                await store.record_turn(session_id, "main", items, run(15))
            await store.branch(session_id, "main", turn=3, name="fork", expected="main")
            await store.record_turn(session_id, "fork", [user("d"), call("tool-d")], run(30))
    _permit_nulls(path)


def tables(path: Path) -> dict[str, list[str]]:
    """Every table of the file, with the columns in which damage is looked for."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(
            "SELECT t.name, c.name FROM sqlite_master AS t, pragma_table_info(t.name) AS c"
            " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND c.name <> 'id'"
        ).fetchall()
    return {table: [column for name, column in found if name == table] for table, _ in found}


def damage(path: Path, table: str, column: str, value: str) -> bool:
    """Put a value in the fourth row of `talk`, or its last; say whether SQLite let that be done."""
    with closing(sqlite3.connect(path)) as connection, connection:
        (rows,) = connection.execute(
            f"SELECT count(*) FROM {table} WHERE session_id = 'talk'"
        ).fetchone()
        try:
            # Some tables have no rowid: the key that all of them have is (session_id, …).
            key = "id" if table in _WITH_ID else "session_id"
            connection.execute(
                f"UPDATE {table} SET {column} = {value} WHERE {key} = ("
                f"SELECT {key} FROM {table} WHERE session_id = 'talk' ORDER BY 1 LIMIT 1 OFFSET ?)",
                (min(3, rows - 1),),
            )
        except sqlite3.IntegrityError:
            return False
    return True


_WITH_ID = ("agent_messages", "message_structure", "turn_usage", "convo_runs", "convo_head")


def _permit_nulls(path: Path) -> None:
    """As in the tables of somebody who was less strict."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '')"
            " WHERE type = 'table' AND sql NOT LIKE '%WITHOUT ROWID%'"
        )
