"""The examples of the document that describes the system, with the import line changed."""

import logging
from pathlib import Path

import pytest
from agents import Runner

from convo import AdvancedSQLiteSession
from tests.core.addresses import Address, open_session, rows
from tests.core.talk import scripted_agent


async def test_quick_start(path: Address) -> None:
    agent = scripted_agent("San Francisco", "California")
    session = open_session(path, "conversation_123", create_tables=True)

    result = await Runner.run(agent, "What city is the Golden Gate Bridge in?", session=session)
    assert result.final_output == "San Francisco"
    await session.store_run_usage(result)

    result = await Runner.run(agent, "What state is it in?", session=session)
    assert result.final_output == "California"
    await session.store_run_usage(result)

    assert [turn["content"] for turn in await session.get_conversation_turns()] == [
        "What city is the Golden Gate Bridge in?",
        "What state is it in?",
    ]
    assert rows(path, "SELECT sum(total_tokens) FROM turn_usage") == [(30,)]
    await session.close()


async def test_initialisation(tmp_path: Path) -> None:
    in_memory = AdvancedSQLiteSession(session_id="my_conversation", create_tables=True)
    assert await in_memory.get_items() == []
    await in_memory.close()

    persistent = AdvancedSQLiteSession(
        session_id="user_123", db_path=tmp_path / "conversations.db", create_tables=True
    )
    assert await persistent.get_items() == []
    await persistent.close()
    assert (tmp_path / "conversations.db").exists()

    logger = logging.getLogger("my_app")
    logged = AdvancedSQLiteSession(session_id="session_456", create_tables=True, logger=logger)
    assert await logged.get_items() == []
    await logged.close()


async def test_usage_statistics(session: AdvancedSQLiteSession) -> None:
    agent = scripted_agent("Hi.", "Good.")
    for text in ("Hello", "How are you?"):
        result = await Runner.run(agent, text, session=session)
        await session.store_run_usage(result)

    total = {
        "requests": 2,
        "input_tokens": 20,
        "output_tokens": 10,
        "total_tokens": 30,
        "total_turns": 2,
    }
    assert await session.get_session_usage() == total
    assert await session.get_session_usage(branch_id="main") == total

    by_turn = await session.get_turn_usage()
    assert [usage["user_turn_number"] for usage in by_turn] == [1, 2]
    assert by_turn[0]["output_tokens_details"] == {"reasoning_tokens": 0}
    second = await session.get_turn_usage(user_turn_number=2)
    assert second == {k: v for k, v in by_turn[1].items() if k != "user_turn_number"}


@pytest.fixture
async def travelled(session: AdvancedSQLiteSession) -> AdvancedSQLiteSession:
    agent = scripted_agent("Paris.", "Sunny.")
    for text in ("What's the capital of France?", "What's the weather like there?"):
        result = await Runner.run(agent, text, session=session)
        await session.store_run_usage(result)
    return session


async def test_creating_branches(travelled: AdvancedSQLiteSession) -> None:
    for turn in await travelled.get_conversation_turns():
        assert turn["can_branch"]

    generated = await travelled.create_branch_from_turn(2)
    assert generated.startswith("branch_from_turn_2_")
    await travelled.switch_to_branch("main")
    named = await travelled.create_branch_from_turn(2, branch_name="alternative_path")
    assert named == "alternative_path"
    await travelled.switch_to_branch("main")
    assert (
        await travelled.create_branch_from_content("weather", branch_name="weather_focus")
        == "weather_focus"
    )


async def test_managing_branches(travelled: AdvancedSQLiteSession) -> None:
    branch_id = await travelled.create_branch_from_turn(2)
    assert [
        (branch["branch_id"], branch["user_turns"], branch["message_count"], branch["is_current"])
        for branch in await travelled.list_branches()
    ] == [("main", 2, 4, False), (branch_id, 1, 2, True)]

    await travelled.switch_to_branch("main")
    await travelled.switch_to_branch(branch_id)
    await travelled.delete_branch(branch_id, force=True)
    assert [branch["branch_id"] for branch in await travelled.list_branches()] == ["main"]


async def test_branching_workflow(travelled: AdvancedSQLiteSession) -> None:
    agent = scripted_agent("The Louvre.", "Not cheap.")
    await travelled.create_branch_from_turn(2, "weather_focus")
    result = await Runner.run(
        agent, "What are the main tourist attractions in Paris?", session=travelled
    )
    await travelled.store_run_usage(result)

    await travelled.switch_to_branch("main")
    result = await Runner.run(agent, "How expensive is it to visit?", session=travelled)
    await travelled.store_run_usage(result)

    def asked(turns: list[dict[str, object]]) -> list[object]:
        return [turn["content"] for turn in turns]

    assert asked(await travelled.get_conversation_turns()) == [
        "What's the capital of France?",
        "What's the weather like there?",
        "How expensive is it to visit?",
    ]
    assert asked(await travelled.get_conversation_turns("weather_focus")) == [
        "What's the capital of France?",
        "What are the main tourist attractions in Paris?",
    ]


async def test_structured_queries(travelled: AdvancedSQLiteSession) -> None:
    await travelled.add_items(
        [
            {"type": "function_call", "call_id": "1", "name": "get_weather", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "1", "output": "sunny"},
        ]
    )
    assert await travelled.get_conversation_by_turns() == {
        1: [{"type": "user", "tool_name": None}, {"type": "assistant", "tool_name": None}],
        2: [
            {"type": "user", "tool_name": None},
            {"type": "assistant", "tool_name": None},
            {"type": "function_call", "tool_name": "get_weather"},
            {"type": "function_call_output", "tool_name": None},
        ],
    }
    assert await travelled.get_tool_usage() == [("get_weather", 1, 2)]
    assert [turn["turn"] for turn in await travelled.find_turns_by_content("weather")] == [2]
