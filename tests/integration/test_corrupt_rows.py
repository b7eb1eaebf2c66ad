"""Rows that nobody should have written, of each kind: the rest stays readable."""

from pathlib import Path
from typing import Any

import pytest

from convo import AdvancedSQLiteSession, ConversationStore
from tests.core.talk import execute, texts, turn
from tests.integration.folders import quick_database

DATA: dict[str, Any] = {
    "bad JSON": '{"role": "user", "content": ',
    "nothing": "",
    "invalid UTF-8": b"\xff\xfe\xfd",
    "deep nesting": "[" * 100_000 + "]" * 100_000,
    "a number": 17,
    "a fraction": 1.5,
    "a list": "[1, 2]",
    "null": "null",
    "odd members": '{"role": 3, "type": ["x"], "content": {"a": 1}, "name": {}}',
}


async def everything(session: AdvancedSQLiteSession) -> None:
    """Ask every question that reads rows."""
    await session.get_items(limit=2)
    await session.get_conversation_turns()
    await session.find_turns_by_content("x")
    await session.get_conversation_by_turns()
    await session.get_tool_usage()
    await session.get_turn_usage()
    await session.get_session_usage()
    await session.list_branches()


async def talked(path: Path) -> AdvancedSQLiteSession:
    session = AdvancedSQLiteSession(session_id="talk", db_path=path, create_tables=True)
    await session.add_items(turn("a") + turn("b") + turn("c"))
    return session


@pytest.mark.parametrize("kind", DATA)
@pytest.mark.parametrize("structured", [True, False])
async def test_a_message_of_an_odd_kind(kind: str, structured: bool) -> None:
    with quick_database() as path:
        async with await talked(path) as session:
            if structured:
                execute(path, "UPDATE agent_messages SET message_data = ? WHERE id = 3", DATA[kind])
            else:
                execute(
                    path,
                    "INSERT INTO agent_messages (session_id, message_data) VALUES ('talk', ?)",
                    DATA[kind],
                )
            await everything(session)
            said = texts(
                [
                    i
                    for i in await session.get_items()
                    if isinstance(i, dict) and isinstance(i.get("content"), str | list)
                ]
            )
            lost = {"b"} if structured else set()
            assert {"a", "About a", "b", "About b", "c", "About c"} - set(said) == lost
            await session.create_branch_from_turn(2, "fork")
            await session.add_items(turn("d"))
            assert texts(await session.get_items()) == ["a", "About a", "d", "About d"]


@pytest.mark.parametrize(
    "broken",
    [
        "UPDATE message_structure SET message_type = X'FF' WHERE id = 4",
        "UPDATE message_structure SET tool_name = X'FF' WHERE id = 4",
        "UPDATE message_structure SET tool_name = 5 WHERE id = 4",
        "UPDATE message_structure SET created_at = 'yesterday' WHERE id = 4",
        "UPDATE message_structure SET user_turn_number = NULL WHERE id = 4",
        "UPDATE turn_usage SET input_tokens_details = '{', total_tokens = NULL",
        "UPDATE agent_sessions SET updated_at = X'00'",
        "UPDATE agent_messages SET created_at = NULL WHERE id = 3",
    ],
)
async def test_a_column_of_an_odd_kind(broken: str) -> None:
    with quick_database() as path:
        async with await talked(path) as session:
            execute(path, broken)
            await everything(session)
            assert texts(await session.get_items()) == [
                "a",
                "About a",
                "b",
                "About b",
                "c",
                "About c",
            ]
        async with ConversationStore(path) as store:
            await store.sessions()
            await store.turns("talk", "main")
            await store.usage("talk", by="turn")
            assert await store.repair() == []
