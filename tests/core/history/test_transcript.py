"""The turns of a branch whole, and what each of their items is."""

import json
from typing import Any

import pytest

from convo import ConversationStore
from convo.errors import TurnNotFoundError
from convo.items.contents import taken_apart
from convo.sqlite.dialect import statements_for
from convo.storage.statements import Tables
from tests.core.addresses import Address, execute
from tests.core.talk import assistant, call, output, run, turn, user

PIXEL = "data:image/png;base64,AAAA"


@pytest.fixture
async def talk(store: ConversationStore) -> ConversationStore:
    await store.start_session("talk")
    for question in ("one", "two", "three", "four"):
        await store.record_turn("talk", "main", turn(question), run())
    return store


async def questions(store: ConversationStore, *bounds: int | None) -> list[tuple[int, Any]]:
    found = await store.transcript("talk", "main", *bounds)
    return [(turn.turn, turn.items[0].text) for turn in found]


@pytest.mark.parametrize(
    ("first", "last", "numbers"),
    [
        (None, None, [1, 2, 3, 4]),
        (2, 3, [2, 3]),
        (3, None, [3, 4]),
        (None, 2, [1, 2]),
        (-1, -1, [4]),
        (-2, None, [3, 4]),
        (2, -2, [2, 3]),
    ],
)
async def test_ranges(
    talk: ConversationStore, first: int | None, last: int | None, numbers: list[int]
) -> None:
    words = ["one", "two", "three", "four"]
    assert await questions(talk, first, last) == [(n, words[n - 1]) for n in numbers]


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        (9, 9, "no turn 9 on branch 'main': it has turns 1-4"),
        (-5, None, "no turn -5 on branch 'main': it has turns 1-4"),
        (0, 2, "no turn 0 on branch 'main': it has turns 1-4"),
        (2, 2**70, f"no turn {2**70} on branch 'main': it has turns 1-4"),
        (3, 2, "turn 3 comes after turn 2"),
        (-1, 1, "turn 4 comes after turn 1"),
    ],
)
async def test_turns_that_are_not_there(
    talk: ConversationStore, first: int, last: int | None, message: str
) -> None:
    with pytest.raises(TurnNotFoundError) as caught:
        await talk.transcript("talk", "main", first, last)
    assert str(caught.value) == message


async def test_a_branch_without_turns(store: ConversationStore) -> None:
    await store.start_session("talk")
    assert await store.transcript("talk", "main") == []
    with pytest.raises(TurnNotFoundError, match="has no turns yet"):
        await store.transcript("talk", "main", -1, -1)


async def test_a_shared_turn_has_its_cost_and_its_time(
    talk: ConversationStore, path: Address
) -> None:
    await talk.branch("talk", "main", turn=3, name="side", expected="main")
    execute(path, "UPDATE agent_messages SET created_at = '2026-01-02 03:04:05'")
    (shown,) = await talk.transcript("talk", "side", 2, 2)
    assert shown.tokens is not None
    assert (shown.model, shown.tokens.total_tokens) == ("m", 15)
    assert shown.created_at == "2026-01-02T03:04:05Z"


async def test_what_stands_before_the_first_question(store: ConversationStore) -> None:
    session = store.session("talk")
    await session.add_items([{"role": "system", "content": "Be brief."}, *turn("one")])
    before, first = await store.transcript("talk", "main")
    assert (before.turn, first.turn) == (0, 1)
    assert (before.items[0].kind, before.items[0].text) == ("system", "Be brief.")
    assert [found.turn for found in await store.transcript("talk", "main", 1)] == [1]


async def test_an_unreadable_item_is_left_out(talk: ConversationStore, path: Address) -> None:
    execute(path, "UPDATE agent_messages SET message_data = '{' WHERE id = 2")
    assert [len(turn.items) for turn in await talk.transcript("talk", "main")] == [1, 2, 2, 2]


@pytest.mark.sqlite_only("it asks SQLite for its plan")
async def test_only_the_rows_of_the_turns_are_read(talk: ConversationStore, path: Address) -> None:
    plans = []
    for name in ("items_of_turns", "runs_of_turns"):
        statement = statements_for(Tables())[name]
        sql = f"EXPLAIN QUERY PLAN {statement}"
        where = {"session_id": "talk", "branch_id": "main", "first": 2, "last": 2}
        plan = await talk._read(
            lambda tx, sql=sql, where=where: tx._connection.execute(sql, where).fetchall()
        )
        plans += [row[3] for row in plan]
    # What the statement itself has put together may be gone through; tables may not.
    own = {"SCAN shown", "SCAN spent"}
    assert not [line for line in plans if line.startswith("SCAN") and line not in own]
    assert any("user_turn_number>? AND user_turn_number<?" in line for line in plans)


def only(*items: Any) -> dict[str, Any]:
    """The last of the items, without what it has not."""
    part = taken_apart(items)[-1]._asdict()
    return {
        name: value for name, value in part.items() if name != "item" and value not in (None, ())
    }


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (user("Hi"), {"kind": "user", "text": "Hi"}),
        (assistant("Hello"), {"kind": "assistant", "text": "Hello"}),
        (
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
            {"kind": "assistant", "text": "No."},
        ),
        ({"role": "developer", "content": "Rules"}, {"kind": "system", "text": "Rules"}),
        (
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]},
            {"kind": "reasoning", "text": "Hm."},
        ),
        (
            user(
                [
                    {"type": "input_text", "text": "What is this?"},
                    {"type": "input_image", "image_url": PIXEL},
                    {"type": "input_image", "image_url": "https://x.org/a.png"},
                    {"type": "input_file", "filename": "a.pdf", "file_data": PIXEL},
                    {"type": "input_file", "file_id": "file-1"},
                    {"type": "image_url", "image_url": {"url": "https://x.org/b.png"}},
                ]
            ),
            {
                "kind": "user",
                "text": "What is this?",
                "attachments": (
                    "image/png (3 bytes)",
                    "https://x.org/a.png",
                    "a.pdf",
                    "file-1",
                    "https://x.org/b.png",
                ),
            },
        ),
        (
            call("weather", arguments='{"a": 1}'),
            {
                "kind": "tool_call",
                "tool": "weather",
                "call_id": "c-weather",
                "arguments": '{"a": 1}',
            },
        ),
        (
            output("weather"),
            {"kind": "tool_output", "call_id": "c-weather", "output": "done"},
        ),
        (
            {"type": "function_call_output", "call_id": "c", "output": [{"text": "a"}, {"b": 1}]},
            {"kind": "tool_output", "call_id": "c", "output": 'a\n{"b": 1}'},
        ),
        (
            {
                "type": "computer_call_output",
                "call_id": "c",
                "output": {"type": "computer_screenshot", "image_url": PIXEL},
            },
            {
                "kind": "tool_output",
                "call_id": "c",
                "output": "",
                "attachments": ("image/png (3 bytes)",),
            },
        ),
        (
            {"type": "web_search_call", "id": "w", "action": {"query": "é"}, "status": "completed"},
            {"kind": "tool_call", "tool": "web_search_call", "arguments": '{"query": "é"}'},
        ),
        (
            {
                "type": "mcp_call",
                "server_label": "s",
                "name": "f",
                "arguments": "{}",
                "output": "out",
            },
            {"kind": "tool_call", "tool": "s.f", "arguments": "{}", "output": "out"},
        ),
        (
            {"type": "image_generation_call", "id": "i", "result": "AAAA", "status": "completed"},
            {
                "kind": "tool_call",
                "tool": "image_generation_call",
                "arguments": "",
                "attachments": ("image/png (3 bytes)",),
            },
        ),
        ({"type": "item_reference", "id": "x"}, {"kind": "other"}),
        ([1], {"kind": "other", "text": "[1]"}),
        (None, {"kind": "other", "text": "null"}),
        (user(None), {"kind": "user", "text": ""}),
        (user(7), {"kind": "user", "text": "7"}),
        (user([None, "loose", {"type": "input_text"}]), {"kind": "user"}),
    ],
)
def test_what_an_item_is(item: Any, expected: dict[str, Any]) -> None:
    shown = only(item)
    assert {key: shown.get(key) for key in expected} == expected
    assert len(shown) == len(expected) or {"text"} == shown.keys() - expected.keys()


def test_an_output_knows_its_tool() -> None:
    assert taken_apart([call("weather"), output("weather")])[1].tool == "weather"
    assert only(output("weather")).get("tool") is None


def test_a_call_that_hands_over_says_to_whom() -> None:
    handing = call("transfer_to_spanish_agent")
    answer = {**output("transfer_to_spanish_agent"), "output": json.dumps({"assistant": "Spanish"})}
    parts = taken_apart([handing, answer])
    assert [(part.kind, part.text) for part in parts] == [
        ("handoff", "Spanish"),
        ("tool_output", None),
    ]


@pytest.mark.parametrize("answer", ["done", '{"assistant": 1}', "[]", "[" * 100_000])
def test_a_tool_with_such_a_name_need_not_hand_over(answer: str) -> None:
    parts = taken_apart(
        [call("transfer_to_bank"), {**output("transfer_to_bank"), "output": answer}]
    )
    assert [part.kind for part in parts] == ["tool_call", "tool_output"]
