"""A database of two conversations, and every kind of damage that a row of it can have."""

import sqlite3
from contextlib import closing
from pathlib import Path

from convo import ConversationStore
from convo.pending.pending import AskedTurn
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
    "without end": "9e999",
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
    """`talk`, which is to be damaged, and `other`: three turns on `main`, four on `fork`.

    What was undone can be brought back, and one turn is held.
    """
    async with ConversationStore(path, create=True) as store:
        for session_id in ("talk", "other"):
            await store.start_session(session_id)
            for question in "abc":
                items = [*turn(question), call(f"tool-{question}")]
                await store.record_turn(session_id, "main", items, run(15))
            await store.branch(session_id, "main", turn=3, name="fork", expected="main")
            await store.record_turn(session_id, "fork", [user("d"), call("tool-d")], run(30))
            await store.record_turn(session_id, "fork", turn("undone"), run(15))
            await store.undo(session_id, "fork")
            await store.begin_turn(AskedTurn(session_id, "fork", [user("e")]))
    _permit_nulls(path)


def tables(path: Path) -> dict[str, list[str]]:
    """Every table of the file, with the columns in which damage is looked for."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(
            "SELECT t.name, c.name FROM sqlite_master AS t, pragma_table_info(t.name) AS c"
            " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'"
            # What SQLite itself numbers has no other number.
            " AND (c.name <> 'id' OR t.name IN ('convo_removed_rows', 'convo_removed_usage'))"
        ).fetchall()
    return {table: [column for name, column in found if name == table] for table, _ in found}


def damage(path: Path, table: str, column: str, value: str) -> bool:
    """Put a value in the fourth row of `talk`, or its last; say whether SQLite let that be done."""
    with closing(sqlite3.connect(path)) as connection, connection:
        there, keys = zip(*_columns(connection, table), strict=True)
        of_talk = "session_id = 'talk'" if "session_id" in there else "true"
        # Some tables have no rowid.
        key = ", ".join(name for name, rank in zip(there, keys, strict=True) if rank)
        (rows,) = connection.execute(f"SELECT count(*) FROM {table} WHERE {of_talk}").fetchone()
        try:
            connection.execute(
                f"UPDATE {table} SET {column} = {value} WHERE ({key}) = ("
                f"SELECT {key} FROM {table} WHERE {of_talk} ORDER BY 1 LIMIT 1 OFFSET ?)",
                (min(3, rows - 1),),
            )
        except sqlite3.IntegrityError:
            return False
    return True


def _columns(connection: sqlite3.Connection, table: str) -> list[tuple[str, int]]:
    """The columns of a table, each with its place in the primary key, or 0."""
    found: list[tuple[str, int]] = connection.execute(
        "SELECT name, pk FROM pragma_table_info(?)", (table,)
    ).fetchall()
    return found


def _permit_nulls(path: Path) -> None:
    """As in the tables of somebody who was less strict."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '')"
            " WHERE type = 'table' AND sql NOT LIKE '%WITHOUT ROWID%'"
        )
