"""What must hold for every database file, whatever was done to the processes that wrote it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from convo import ConversationStore

_RULES = {
    "a sequence number stands twice in a session": """
        SELECT session_id, sequence_number FROM message_structure
        GROUP BY session_id, sequence_number HAVING count(*) > 1
    """,
    "a structure row shows a message that is not there, or of another session": """
        SELECT s.id FROM message_structure AS s
        LEFT JOIN agent_messages AS m ON m.id = s.message_id AND m.session_id = s.session_id
        WHERE m.id IS NULL
    """,
    "a message is on no branch": """
        SELECT id FROM agent_messages
        WHERE id NOT IN (SELECT message_id FROM message_structure)
    """,
    "a message stands twice on a branch": """
        SELECT session_id, branch_id, message_id FROM message_structure
        GROUP BY session_id, branch_id, message_id HAVING count(*) > 1
    """,
    "the type of a message is not that of its row": """
        SELECT s.id FROM message_structure AS s JOIN agent_messages AS m ON m.id = s.message_id
        WHERE s.message_type IN ('user', 'assistant')
          AND s.message_type IS NOT json_extract(m.message_data, '$.role')
    """,
    "two user messages share a turn of a branch": """
        SELECT session_id, branch_id, user_turn_number FROM message_structure
        WHERE message_type = 'user'
        GROUP BY session_id, branch_id, user_turn_number HAVING count(*) > 1
    """,
    "a question does not begin the turn after that of the question before it": """
        SELECT id FROM (
            SELECT id, user_turn_number - lag(user_turn_number, 1, 0) OVER (
                PARTITION BY session_id, branch_id ORDER BY sequence_number
            ) AS step
            FROM message_structure WHERE message_type = 'user'
        )
        WHERE step <> 1
    """,
    "an item stands before its turn has begun": """
        SELECT id FROM (
            SELECT id, user_turn_number, coalesce(
                max(CASE WHEN message_type = 'user' THEN user_turn_number END) OVER (
                    PARTITION BY session_id, branch_id ORDER BY sequence_number
                ), 0) AS begun
            FROM message_structure
        )
        WHERE user_turn_number > begun
    """,
    "usage is stored for a turn that is not there": """
        SELECT session_id, branch_id, user_turn_number FROM turn_usage
        EXCEPT SELECT session_id, branch_id, user_turn_number FROM message_structure
    """,
    "there is a message of a session that is not there": """
        SELECT session_id FROM agent_messages EXCEPT SELECT session_id FROM agent_sessions
    """,
}


def broken_rules(path: Path) -> dict[str, list[Any]]:
    """The rules that the file breaks, with the rows that do, read with nothing but SQLite."""
    with closing(sqlite3.connect(path)) as connection:
        report = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        broken = {} if report == ["ok"] else {"the file is intact": report}
        present = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        if "message_structure" in present:
            for rule, query in _RULES.items():
                if rows := connection.execute(query).fetchall():
                    broken[rule] = rows
    return broken


async def assert_sound(path: Path) -> None:
    """Fail with what is wrong, if anything is: by SQLite, by the rules above, and by `check`."""
    broken = broken_rules(path)
    assert not broken, broken
    async with ConversationStore(path) as store:
        problems = await store.check()
    assert not problems, problems
