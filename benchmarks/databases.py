"""Conversations of any length, written by bulk SQL into tables that a subject has made.

What a subject would have stored turn by turn is there: the rows of the items, their places, the
usage, and in convo's tables the ledger and the mark up to where every message has its place.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks import talk

SESSION = "measured"
"""The session that is measured; others only stand beside it."""


@dataclass(frozen=True)
class Contents:
    """What a file holds: the measured session, and before it others of `other_turns` each.

    `cut` items at the end of the measured session are left out. From its last turn so many
    `branches` are made, which the tables know only by the subject's own hand.
    """

    turns: int
    others: int = 0
    other_turns: int = 0
    cut: int = 0
    branches: int = 0

    @property
    def name(self) -> str:
        """A part of a file name that says it."""
        return f"{self.items}-beside-{self.others}-{self.branches}"

    @property
    def items(self) -> int:
        """How many items the measured session has."""
        return self.turns * talk.ITEMS - self.cut


def fill(path: Path, contents: Contents) -> None:
    """Write the conversations into a file whose empty tables are there."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # Nobody reads while this is written, and whoever pulls the plug starts over.
        connection.execute("PRAGMA synchronous = OFF")
        tables = {
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        connection.execute("BEGIN")
        _note_what_was_said(connection, contents)
        for table, statement in _STATEMENTS:
            if table in tables:
                connection.execute(statement)
        for table in ("agent_messages", "message_structure"):
            if contents.cut and table in tables:
                connection.execute(
                    f"DELETE FROM {table} WHERE id > (SELECT max(id) FROM {table}) - ?",
                    (contents.cut,),
                )
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _note_what_was_said(connection: sqlite3.Connection, contents: Contents) -> None:
    """One temporary row for each turn and for each kind of item, from which the rest is made."""
    connection.execute(_CREATE_SAID)
    connection.execute(
        _SAY,
        {"others": contents.others, "other_turns": contents.other_turns, "session": SESSION}
        | {"turns": contents.turns},
    )
    connection.execute(
        "CREATE TEMP TABLE item (position INTEGER PRIMARY KEY, type, tool_name, data)"
    )
    connection.executemany(
        "INSERT INTO item VALUES (?, ?, ?, ?)",
        [
            (position, item.get("role") or item["type"], item.get("name"), json.dumps(item))
            for position, item in enumerate(talk.items("@turn@", "@token@"))
        ],
    )


_CREATE_SAID = "CREATE TEMP TABLE said (place INTEGER PRIMARY KEY, session_id, turn, token)"

_SAY = """
WITH RECURSIVE
    other (number) AS (SELECT 1 WHERE :others UNION ALL
                       SELECT number + 1 FROM other WHERE number < :others),
    turn (number) AS (SELECT 1 UNION ALL
                      SELECT number + 1 FROM turn WHERE number < max(:turns, :other_turns))
INSERT INTO said (session_id, turn, token)
SELECT session_id, turn, printf('%08x', (turn * 2654435761) % 4294967296) FROM (
    SELECT 0 AS kind, other.number AS session, 'other ' || other.number AS session_id,
           turn.number AS turn
    FROM other CROSS JOIN turn WHERE turn.number <= :other_turns
    UNION ALL
    SELECT 1, 0, :session, number FROM turn WHERE number <= :turns
) ORDER BY kind, session, turn
"""

# Every row's id follows from the turn's place: item k of the turn at place p has id 4(p-1)+k+1.
_STATEMENTS = (
    (
        "agent_sessions",
        "INSERT INTO agent_sessions (session_id) SELECT DISTINCT session_id FROM said",
    ),
    (
        "agent_messages",
        """
        INSERT INTO agent_messages (id, session_id, message_data)
        SELECT 4 * (place - 1) + position + 1, session_id,
               replace(replace(data, '@turn@', turn), '@token@', token)
        FROM said CROSS JOIN item ORDER BY place, position
        """,
    ),
    (
        "message_structure",
        """
        INSERT INTO message_structure (
            id, session_id, message_id, branch_id, message_type, sequence_number,
            user_turn_number, branch_turn_number, tool_name
        )
        SELECT 4 * (place - 1) + position + 1, session_id, 4 * (place - 1) + position + 1, 'main',
               type, 4 * (turn - 1) + position + 1, turn, turn, tool_name
        FROM said CROSS JOIN item ORDER BY place, position
        """,
    ),
    (
        "turn_usage",
        """
        INSERT INTO turn_usage (
            id, session_id, user_turn_number, requests, input_tokens, output_tokens, total_tokens,
            input_tokens_details, output_tokens_details
        )
        SELECT place, session_id, turn, 1, 1200, 300, 1500,
               '{"cached_tokens": 800}', '{"reasoning_tokens": 100}'
        FROM said ORDER BY place
        """,
    ),
    (
        "branch_reservations",
        "INSERT OR IGNORE INTO branch_reservations SELECT DISTINCT session_id, 'main' FROM said",
    ),
    (
        "session_clear_generations",
        "INSERT OR IGNORE INTO session_clear_generations SELECT DISTINCT session_id, 0 FROM said",
    ),
    (
        "convo_runs",
        """
        INSERT INTO convo_runs (
            session_id, branch_id, user_turn_number, anchor, turn_usage_id, model, requests,
            input_tokens, cached_tokens, output_tokens, reasoning_tokens, total_tokens,
            input_details, output_details, request_entries, cache_write_tokens,
            cache_write_1h_tokens, audio_input_tokens, audio_output_tokens, longest_request
        )
        SELECT session_id, 'main', turn, 4 * (place - 1) + 1, place, 'gpt-5', 1,
               1200, 800, 300, 100, 1500, '{"cached_tokens": 800}', '{"reasoning_tokens": 100}',
               '[{"input_tokens": 1200, "output_tokens": 300, "total_tokens": 1500}]',
               0, 0, 0, 0, 1200
        FROM said ORDER BY place
        """,
    ),
    (
        "convo_adopted",
        "INSERT INTO convo_adopted SELECT session_id, 4 * max(place) FROM said GROUP BY session_id",
    ),
)
