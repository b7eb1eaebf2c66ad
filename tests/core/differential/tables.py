"""The six tables that both classes share, read past both."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

Row = dict[str, Any]
_TIMES = {
    "agent_sessions": ("created_at", "updated_at"),
    "agent_messages": ("created_at",),
    "message_structure": ("created_at",),
    "turn_usage": ("created_at",),
}


@dataclass(frozen=True)
class Tables:
    """Every row, in order; times are told in whole hours ago."""

    sessions: list[Row]
    messages: list[Row]
    structure: list[Row]
    usage: list[Row]
    reservations: list[Row]
    generations: list[Row]

    def branches(self, session_id: str) -> set[str]:
        """The branches that hold something."""
        return {row["branch_id"] for row in self.structure if row["session_id"] == session_id}

    def branch(self, session_id: str, branch_id: str) -> list[Row]:
        """The structure of a branch, in its order."""
        rows = [
            row
            for row in self.structure
            if (row["session_id"], row["branch_id"]) == (session_id, branch_id)
        ]
        return sorted(rows, key=lambda row: row["sequence_number"])

    def names_taken(self) -> set[tuple[str, str]]:
        """Every name that a branch has or had, reserved in so many words or not."""
        return {(row["session_id"], row["branch_id"]) for row in self.reservations + self.structure}

    def clears(self) -> dict[str, int]:
        """How often each session was cleared, where it was."""
        return {
            row["session_id"]: row["generation"] for row in self.generations if row["generation"]
        }


def tables(connection: Any) -> Tables:
    """What the six tables hold now."""

    def rows(table: str, order: str) -> list[Row]:
        times = _TIMES.get(table, ())
        return [
            dict(row) | {name: hours_ago(row[name]) for name in times}
            for row in connection.execute(f"SELECT * FROM {table} ORDER BY {order}")
        ]

    connection.execute("BEGIN")
    try:
        return Tables(
            sessions=rows("agent_sessions", "session_id"),
            messages=rows("agent_messages", "id"),
            structure=rows("message_structure", "id"),
            usage=rows("turn_usage", "session_id, branch_id, user_turn_number"),
            reservations=rows("branch_reservations", "session_id, branch_id"),
            generations=rows("session_clear_generations", "session_id"),
        )
    finally:
        connection.execute("COMMIT")


def hours_ago(stored: str) -> int:
    """A stored time in whole hours: two files are not written in the same second."""
    return round((time.time() - _seconds(stored)) / 3600)


@cache
def _seconds(stored: str) -> float:
    return datetime.fromisoformat(stored).replace(tzinfo=UTC).timestamp()


def let_an_hour_pass(connection: Any, earlier: str = "datetime({}, '-1 hour')") -> None:
    """Everything that a database holds is an hour older."""
    for table, columns in _TIMES.items():
        for column in columns:
            connection.execute(f"UPDATE {table} SET {column} = {earlier.format(column)}")


def details(stored: str | None) -> Any:
    """The token details of a row of `turn_usage`."""
    return None if stored is None else json.loads(stored)


def inconsistencies(found: Tables) -> Iterator[str]:
    """What must not be, whoever wrote the file: numbers twice, out of order, rows of nothing."""
    messages = {row["id"] for row in found.messages}
    numbers = Counter((row["session_id"], row["sequence_number"]) for row in found.structure)
    yield from (f"number {number} is there twice" for number, n in numbers.items() if n > 1)
    for row in found.structure:
        if row["message_id"] not in messages:
            yield f"row {row['id']} shows message {row['message_id']}, which is not there"
        if row["branch_turn_number"] != row["user_turn_number"]:
            yield f"row {row['id']} has two turn numbers"
    for session_id, branch_id in {(r["session_id"], r["branch_id"]) for r in found.structure}:
        yield from _disorder(found.branch(session_id, branch_id))
    turns = {(r["session_id"], r["branch_id"], r["user_turn_number"]) for r in found.structure}
    for row in found.usage:
        if (row["session_id"], row["branch_id"], row["user_turn_number"]) not in turns:
            yield f"usage of a turn that is not there: {row}"


def _disorder(branch: list[Row]) -> Iterator[str]:
    """The questions of a branch count its turns; an answer is of one that has been asked by then.

    No message is shown twice.
    """
    begun, shown = 0, set()
    for row in branch:
        asks = row["message_type"] == "user"
        begun += asks
        if not (begun if asks else 0) <= row["user_turn_number"] <= begun:
            yield f"row {row['id']} is of turn {row['user_turn_number']}, where {begun} have begun"
        if row["message_id"] in shown:
            yield f"row {row['id']} shows message {row['message_id']} again"
        shown.add(row["message_id"])
