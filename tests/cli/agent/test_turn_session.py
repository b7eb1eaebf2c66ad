"""The session that holds a turn beside the history."""

from typing import Any

import pytest
from agents.memory import Session

from convo_cli.agent.turn_session import HeldSession

HISTORY: list[dict[str, Any]] = [
    {"role": "user", "content": "one"},
    {"role": "assistant", "content": "1"},
]
ASKED: Any = {"role": "user", "content": "two"}
ANSWERED: Any = {"role": "assistant", "content": "2"}


@pytest.fixture
def session() -> HeldSession:
    return HeldSession(HISTORY, "two")


def test_it_is_a_session_of_the_sdk(session: HeldSession) -> None:
    assert isinstance(session, Session)


async def test_the_turn_follows_the_history_and_is_held_apart(session: HeldSession) -> None:
    await session.add_items([ASKED, ANSWERED])
    assert await session.get_items() == [*HISTORY, ASKED, ANSWERED]
    assert session.held == [ASKED, ANSWERED]


@pytest.mark.parametrize(("limit", "number"), [(None, 3), (0, 0), (2, 2), (9, 3), (-1, 3)])
async def test_a_limit_keeps_the_newest(
    session: HeldSession, limit: int | None, number: int
) -> None:
    await session.add_items([ASKED])
    assert await session.get_items(limit) == [*HISTORY, ASKED][3 - number :]


async def test_only_the_turn_can_be_taken_back(session: HeldSession) -> None:
    await session.add_items([ASKED])
    assert await session.pop_item() == ASKED
    assert await session.pop_item() is None
    assert await session.get_items() == HISTORY


async def test_clearing_forgets_the_turn_alone(session: HeldSession) -> None:
    await session.add_items([ASKED])
    await session.clear_session()
    assert await session.get_items() == HISTORY


async def test_what_is_handed_out_is_a_copy(session: HeldSession) -> None:
    await session.add_items([ASKED])
    items: Any = await session.get_items()
    items[0]["content"] = items[2]["content"] = "changed"
    session.held[0]["content"] = "changed"
    assert await session.get_items() == [*HISTORY, ASKED]
    assert HISTORY[0]["content"] == "one"


def test_the_id_stays_with_the_conversation() -> None:
    first = HeldSession([], "one").session_id
    assert HeldSession(HISTORY, "two").session_id == first
    assert HeldSession([], "another").session_id != first


async def test_calls_of_one_id_are_told_apart_before_the_sdk_merges_them() -> None:
    call = {"type": "function_call", "call_id": "call_0", "name": "look", "arguments": "{}"}
    output = {"type": "function_call_output", "call_id": "call_0", "output": "seen"}
    items: list[Any] = await HeldSession([call, output, call, output], "Hi").get_items()
    ids = [item["call_id"] for item in items]
    assert ids[0] == ids[1] == "call_0" != ids[2] == ids[3]


async def test_what_is_no_item_is_left_out() -> None:
    damaged = [5, {"role": "user", "content": "Hi"}, None, ["x"]]
    assert await HeldSession(damaged, "Hi").get_items() == [{"role": "user", "content": "Hi"}]


async def test_calls_that_the_turn_has_made_keep_their_ids() -> None:
    call = {"type": "function_call", "call_id": "call_0", "name": "look", "arguments": "{}"}
    output = {"type": "function_call_output", "call_id": "call_0", "output": "seen"}
    items: list[Any] = await HeldSession([call, output], "Hi", [call, output]).get_items()
    assert items[0]["call_id"] == items[1]["call_id"] != "call_0"
