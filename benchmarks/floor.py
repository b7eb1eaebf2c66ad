"""The floor: what the standard library's `sqlite3` takes for the same SQL and the same durability.

It has the methods that are measured, on convo's tables and indexes, and writes the rows that convo
writes, in as many transactions. It checks nothing, handles no errors and keeps no branch pointer:
nothing that has to do more can be faster.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import orjson


class FloorSession:
    """One conversation of a file, on the thread of the event loop."""

    def __init__(self, session_id: str, path: str) -> None:
        self._id = session_id
        self._branch = "main"
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")

    async def add_items(self, items: list[Any]) -> None:
        self._begin()
        self._append(items)
        self._commit()

    async def store_run_usage(self, result: Any) -> None:
        self._begin()
        self._store(result)
        self._commit()

    async def record_turn(self, items: list[Any], result: Any) -> None:
        """A turn and its usage in one transaction."""
        self._begin()
        self._append(items)
        self._store(result)
        self._commit()

    async def get_items(self, limit: int | None = None) -> list[Any]:
        rows = self._rows(
            """
            SELECT m.message_data FROM (
                SELECT message_id, sequence_number FROM message_structure
                WHERE session_id = ? AND branch_id = ? ORDER BY sequence_number DESC LIMIT ?
            ) AS s JOIN agent_messages AS m ON m.id = s.message_id
            ORDER BY s.sequence_number
            """
            if limit is not None
            else """
            SELECT m.message_data FROM message_structure AS s
            JOIN agent_messages AS m ON m.id = s.message_id
            WHERE s.session_id = ? AND s.branch_id = ? ORDER BY s.sequence_number
            """,
            *([] if limit is None else [limit]),
        )
        return [orjson.loads(data) for (data,) in rows]

    async def pop_item(self) -> Any:
        self._begin()
        ((row_id, message_id, turn),) = self._rows(
            "SELECT id, message_id, user_turn_number FROM message_structure "
            "WHERE session_id = ? AND branch_id = ? ORDER BY sequence_number DESC LIMIT 1"
        )
        execute = self._connection.execute
        execute("DELETE FROM message_structure WHERE id = ?", (row_id,))
        data = execute(
            "DELETE FROM agent_messages WHERE id = ? AND NOT EXISTS "
            "(SELECT 1 FROM message_structure WHERE message_id = ?) RETURNING message_data",
            (message_id, message_id),
        ).fetchall()
        execute(
            "DELETE FROM turn_usage WHERE session_id = ? AND branch_id = ? "
            "AND user_turn_number = ? AND user_turn_number IS NOT (SELECT user_turn_number "
            "FROM message_structure WHERE session_id = ? AND branch_id = ? "
            "ORDER BY sequence_number DESC LIMIT 1)",
            (self._id, self._branch, turn, self._id, self._branch),
        )
        self._commit()
        return orjson.loads(data[0][0]) if data else None

    async def create_branch_from_turn(self, turn: int, name: str) -> str:
        self._begin()
        self._connection.execute(
            "INSERT INTO branch_reservations (session_id, branch_id) VALUES (?, ?)",
            (self._id, name),
        )
        self._connection.execute(
            """
            INSERT INTO message_structure (
                session_id, message_id, branch_id, message_type, sequence_number,
                user_turn_number, branch_turn_number, tool_name
            )
            SELECT s.session_id, s.message_id, ?, s.message_type, ? + kept.position,
                   s.user_turn_number, s.branch_turn_number, s.tool_name
            FROM (
                SELECT id, row_number() OVER (ORDER BY sequence_number) AS position
                FROM message_structure
                WHERE session_id = ? AND branch_id = ? AND user_turn_number < ?
            ) AS kept
            CROSS JOIN message_structure AS s ON s.id = kept.id
            """,
            (name, self._last_sequence(), self._id, self._branch, turn),
        )
        self._commit()
        self._branch = name
        return name

    async def switch_to_branch(self, branch_id: str) -> None:
        self._connection.execute(
            "SELECT 1 FROM message_structure WHERE session_id = ? AND branch_id = ? LIMIT 1",
            (self._id, branch_id),
        ).fetchone()
        self._branch = branch_id

    async def delete_branch(self, branch_id: str) -> None:
        where = (self._id, branch_id)
        self._begin()
        self._connection.execute(
            "DELETE FROM turn_usage WHERE session_id = ? AND branch_id = ?", where
        )
        self._connection.execute(
            """
            DELETE FROM agent_messages WHERE id IN (
                SELECT message_id FROM message_structure AS s
                WHERE session_id = ? AND branch_id = ? AND NOT EXISTS (
                    SELECT 1 FROM message_structure AS other
                    WHERE other.message_id = s.message_id AND other.id <> s.id
                )
            )
            """,
            where,
        )
        self._connection.execute(
            "DELETE FROM message_structure WHERE session_id = ? AND branch_id = ?", where
        )
        self._commit()

    async def list_branches(self) -> list[Any]:
        return self._connection.execute(
            """
            WITH RECURSIVE names (branch) AS (
                SELECT min(branch_id) FROM message_structure WHERE session_id = :session
                UNION ALL
                SELECT (SELECT min(branch_id) FROM message_structure
                        WHERE session_id = :session AND branch_id > branch)
                FROM names WHERE branch IS NOT NULL
            )
            SELECT branch,
                   (SELECT count(*) FROM message_structure
                    WHERE session_id = :session AND branch_id = branch),
                   (SELECT count(*) FROM message_structure
                    WHERE session_id = :session AND branch_id = branch AND message_type = 'user'),
                   (SELECT created_at FROM message_structure
                    WHERE session_id = :session AND branch_id = branch
                    ORDER BY sequence_number LIMIT 1)
            FROM names WHERE branch IS NOT NULL
            """,
            {"session": self._id},
        ).fetchall()

    async def get_conversation_turns(self) -> list[Any]:
        return [(turn, content[:100], at) for turn, content, at in self._questions()]

    async def find_turns_by_content(self, term: str) -> list[Any]:
        """Every question is looked at: the floor has no index of words."""
        folded = term.casefold()
        return [found for found in self._questions() if folded in found[1].casefold()]

    async def close(self) -> None:
        self._connection.close()

    def _append(self, items: list[Any]) -> None:
        turn = next((turn for turn, _ in self._last_turn()), 0)
        execute = self._connection.execute
        execute(
            "INSERT INTO agent_sessions (session_id) VALUES (?) "
            "ON CONFLICT DO UPDATE SET updated_at = CURRENT_TIMESTAMP",
            (self._id,),
        )
        for sequence, item in enumerate(items, self._last_sequence() + 1):
            turn += item.get("role") == "user"
            message_id = execute(
                "INSERT INTO agent_messages (session_id, message_data) VALUES (?, ?)",
                (self._id, json.dumps(item)),
            ).lastrowid
            kind, tool = item.get("role") or item["type"], item.get("name")
            execute(
                "INSERT INTO message_structure (session_id, message_id, branch_id, message_type, "
                "sequence_number, user_turn_number, branch_turn_number, tool_name) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (self._id, message_id, self._branch, kind, sequence, turn, turn, tool),
            )

    def _store(self, result: Any) -> None:
        usage = result.context_wrapper.usage
        ((turn, anchor),) = self._last_turn()
        counts = (usage.requests, usage.input_tokens, usage.output_tokens, usage.total_tokens)
        inputs = usage.input_tokens_details.model_dump()
        outputs = usage.output_tokens_details.model_dump()
        details = (json.dumps(inputs), json.dumps(outputs))
        parts = (inputs["cached_tokens"], outputs["reasoning_tokens"])
        place = (self._id, self._branch, turn)
        usage_id = self._connection.execute(
            "INSERT OR REPLACE INTO turn_usage (session_id, branch_id, user_turn_number, requests, "
            "input_tokens, output_tokens, total_tokens, input_tokens_details, "
            "output_tokens_details) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*place, *counts, *details),
        ).lastrowid
        self._connection.execute(
            "INSERT INTO convo_runs (session_id, branch_id, user_turn_number, anchor, "
            "turn_usage_id, requests, input_tokens, output_tokens, total_tokens, input_details, "
            "output_details, cached_tokens, reasoning_tokens) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*place, anchor, usage_id, *counts, *details, *parts),
        )

    def _questions(self) -> list[tuple[int, str, str]]:
        rows = self._rows(
            """
            SELECT s.branch_turn_number, m.message_data, m.created_at
            FROM message_structure AS s JOIN agent_messages AS m ON m.id = s.message_id
            WHERE s.session_id = ? AND s.branch_id = ? AND s.message_type = 'user'
            ORDER BY s.user_turn_number
            """
        )
        return [(turn, orjson.loads(data)["content"], at) for turn, data, at in rows]

    def _last_turn(self) -> list[Any]:
        """The number of the last turn, and the row that began it."""
        return self._rows(
            "SELECT user_turn_number, id FROM message_structure WHERE session_id = ? "
            "AND branch_id = ? AND message_type = 'user' ORDER BY user_turn_number DESC LIMIT 1"
        )

    def _last_sequence(self) -> int:
        rows = self._connection.execute(
            """
            WITH RECURSIVE names (branch) AS (
                SELECT min(branch_id) FROM message_structure WHERE session_id = :session
                UNION ALL
                SELECT (SELECT min(branch_id) FROM message_structure
                        WHERE session_id = :session AND branch_id > branch)
                FROM names WHERE branch IS NOT NULL
            )
            SELECT max((SELECT max(sequence_number) FROM message_structure
                        WHERE session_id = :session AND branch_id = branch))
            FROM names
            """,
            {"session": self._id},
        ).fetchall()
        return int(rows[0][0] or 0)

    def _rows(self, statement: str, *more: object) -> list[Any]:
        """All rows of a query on the current branch."""
        return self._connection.execute(statement, (self._id, self._branch, *more)).fetchall()

    def _begin(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def _commit(self) -> None:
        self._connection.execute("COMMIT")
