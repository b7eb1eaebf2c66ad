"""Row 15: tool names, tool counts, token details and times of turns are what they are."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from agents import Usage

from tests.core.addresses import execute
from tests.core.better_than_sdk.openers import AnySession, OpenOurs, OpenTheirs
from tests.core.talk import call, turn, user

LONG_AGO = "2020-01-02 03:04:05"


async def test_the_name_of_a_user_is_no_tool(theirs: OpenTheirs, ours: OpenOurs) -> None:
    for session, tool in ((theirs(), "Bob"), (ours(), None)):
        await session.add_items([{**user("Hello"), "name": "Bob"}])
        assert await session.get_conversation_by_turns() == {
            1: [{"type": "user", "tool_name": tool}]
        }
        assert await session.get_tool_usage() == []


@pytest.mark.parametrize(
    "item",
    [
        {"type": "image_generation_call", "id": "i", "status": "completed", "result": "…"},
        {
            "type": "local_shell_call",
            "id": "l",
            "call_id": "c",
            "status": "completed",
            "action": {},
        },
        {"type": "mcp_list_tools", "id": "m", "server_label": "files", "tools": []},
    ],
    ids=lambda item: item["type"],
)
async def test_every_call_of_a_tool_is_counted(
    theirs: OpenTheirs, ours: OpenOurs, item: dict[str, Any]
) -> None:
    for session, counted in ((theirs(), []), (ours(), [(item["type"], 2, 1)])):
        await session.add_items([user("Do it!"), item, item])
        assert await session.get_tool_usage() == counted


async def test_what_the_sdk_counts_is_counted_the_same(theirs: OpenTheirs, ours: OpenOurs) -> None:
    items = [
        user("Do it!"),
        call("look_up"),
        call("look_up", namespace="maps"),
        {"type": "web_search_call", "id": "w", "status": "completed"},
        {"type": "mcp_call", "id": "m", "server_label": "files", "name": "read", "arguments": "{}"},
    ]
    counted = []
    for session in (theirs(), ours()):
        await session.add_items(items)
        counted.append(sorted(await session.get_tool_usage()))
    assert counted[0] == counted[1]
    assert len(counted[1]) == 4


def nested_result() -> Any:
    """The result of a run whose provider tells more of its tokens than the SDK has fields for."""
    usage = Usage(requests=1, input_tokens=100, output_tokens=10, total_tokens=110)
    usage.input_tokens_details = SimpleNamespace(  # type: ignore[assignment]
        cached_tokens=40, audio=SimpleNamespace(seconds=2)
    )
    return SimpleNamespace(context_wrapper=SimpleNamespace(usage=usage), raw_responses=[])


async def test_a_nested_detail_of_the_tokens(theirs: OpenTheirs, ours: OpenOurs) -> None:
    for session, details in (
        (theirs(), None),
        (ours(), {"cached_tokens": 40, "audio": {"seconds": 2}}),
    ):
        await session.add_items(turn("a"))
        await session.store_run_usage(nested_result())
        usage = await session.get_turn_usage(1)
        assert usage["total_tokens"] == 110
        assert usage["input_tokens_details"] == details


async def test_a_copied_turn_shows_when_it_was_said(
    theirs: OpenTheirs, ours: OpenOurs, their_path: Path, path: Path
) -> None:
    async def times_on_a_fork(session: AnySession, file: Path) -> list[str]:
        await session.add_items(turn("a") + turn("b"))
        for table in ("agent_messages", "message_structure"):
            execute(file, f"UPDATE {table} SET created_at = '{LONG_AGO}'")
        await session.create_branch_from_turn(2, "fork")
        await session.add_items(turn("c"))
        found = await session.find_turns_by_content("")
        listed = await session.get_conversation_turns()
        assert [t["timestamp"] for t in found] == [t["timestamp"] for t in listed]
        return [t["timestamp"] for t in listed]

    copied, own = await times_on_a_fork(theirs(), their_path)
    assert LONG_AGO not in (copied, own)
    copied, own = await times_on_a_fork(ours(), path)
    assert copied == LONG_AGO != own
