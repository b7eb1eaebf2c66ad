"""SQLite's dialect: the texts of the macros in the common statements."""

from functools import cache

from convo.storage.statements import Dialect, Statements, Tables

SQLITE = Dialect(
    room="sqlite",
    macros={
        # The stored bytes of a text, which may not be UTF-8.
        "bytes": "CAST({} AS BLOB)",
        # Any column may hold any type of value.
        "is_integer": "typeof({}) = 'integer'",
        "is_text": "typeof({}) = 'text'",
        # A row of the table of sessions that is a session.
        "is_session": "TRUE",
        # The session of a message that a row of a session may show.
        "is_of": "= {}",
        # The `+` keeps SQLite from using an index on this column.
        "newest_first": "{0} = {1} ORDER BY {2} DESC",
        "unindexed": "+{}",
        # SQLite reads the tables in this order.
        "in_order": "CROSS",
        # BLOBs sort after every text; `OR` would keep SQLite from using the index.
        "session_or_all": "{} BETWEEN coalesce(:session_id, '') AND coalesce(:session_id, x'')",
        # With a single `min`, other columns come from the row with the minimum.
        "of_first": "{}",
        "list": "json_each({})",
        "element": "{} ->> {}",
        "contains": "instr({}, {}) > 0",
        "detail": "CASE WHEN json_valid({0}) THEN coalesce({0} ->> {1}, 0) ELSE 0 END",
        # A stored time in UTC, without its zone and fractions; NULL for what is not a time.
        "utc": "datetime({})",
        "clock": "time({})",
        # In the time zone of the process, as everything that a user reads.
        "local_day": "date({}, 'localtime')",
        "local_week": "date({}, 'localtime', 'weekday 0', '-6 days')",
        "local_month": "strftime('%Y-%m', {}, 'localtime')",
        "an_hour_ago": "datetime('now', '-1 hour')",
        "time_or_now": "{}",
        # The order in which rows with the same time were inserted.
        "row": "rowid",
        "now": "CURRENT_TIMESTAMP",
        # A file has one head: it belongs to one person.
        "head_key": "id",
        "me": "1",
        "of_head": "{2}",
        # There is one writer at a time.
        "for_update": "",
        # The words of the tables. The first is for ids that are never given to another row.
        "new_id": "INTEGER PRIMARY KEY AUTOINCREMENT",
        "own_id": "INTEGER PRIMARY KEY",
        "integer": "INTEGER",
        "real": "REAL",
        "json": "JSON",
        "without_rowid": "WITHOUT ROWID",
        "key_of_message": (
            ",\n    FOREIGN KEY (message_id) REFERENCES {messages} (id) ON DELETE CASCADE"
        ),
    },
)


@cache
def statements_for(tables: Tables) -> Statements:
    """The statements in SQLite's dialect for a pair of base tables, cached."""
    return Statements(tables, SQLITE)
