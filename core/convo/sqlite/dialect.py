"""What SQLite says in its own way in statements that are common to all engines."""

from functools import cache

from convo.storage.statements import Dialect, Statements, Tables

SQLITE = Dialect(
    room="sqlite",
    macros={
        # The stored bytes of a text, which may be no UTF-8.
        "bytes": "CAST({} AS BLOB)",
        # Any column may hold any kind of value.
        "is_integer": "typeof({}) = 'integer'",
        "is_text": "typeof({}) = 'text'",
        # The sign keeps SQLite from looking for rows by this column.
        "unindexed": "+{}",
        # SQLite looks at the tables in this order.
        "in_order": "CROSS",
        # Bytes come after every text; `OR` would keep SQLite from using the index.
        "session_or_all": "{} BETWEEN coalesce(:session_id, '') AND coalesce(:session_id, x'')",
        # Beside one `min` a column is that of the row which has the least.
        "of_first": "{}",
        "list": "json_each({})",
        "contains": "instr({}, {}) > 0",
        "detail": "CASE WHEN json_valid({0}) THEN coalesce({0} ->> {1}, 0) ELSE 0 END",
        "an_hour_ago": "datetime('now', '-1 hour')",
        # In which order rows were made, of the same time.
        "row": "rowid",
    },
)


@cache
def statements_for(tables: Tables) -> Statements:
    """The statements of SQLite for a pair of base tables, made once."""
    return Statements(tables, SQLITE)
