"""Lists of chat messages: `openai-jsonl` and `sharegpt`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from convo.importing.items import answered, asked, called, instructed, returned, thought
from convo.importing.source import Report
from convo.importing.sources import openai_jsonl, sharegpt
from tests.core.importing.hostile import changed, damaged, imported, imported_twice
from tests.core.importing.reading_sources import HOSTILE

CHAT: list[Any] = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Weather?"},
    {
        "role": "assistant",
        "content": None,
        "reasoning_content": "I look.",
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
        ],
    },
    {"role": "tool", "tool_call_id": "c1", "content": "rain"},
    {"role": "assistant", "content": "Rain."},
    {
        "role": "user",
        "content": [
            {"type": "text", "text": "And this?"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
            {"type": "input_audio", "input_audio": {"data": "…"}},
        ],
    },
    {"role": "assistant", "content": [{"type": "text", "text": "A cat."}]},
]
SHARED: dict[str, Any] = {
    "id": "identity_0",
    "system": "Be brief.",
    "conversations": [
        {"from": "human", "value": "Weather?"},
        {"from": "function_call", "value": '{"name": "look", "arguments": {"at": "Oslo"}}'},
        {"from": "observation", "value": "rain"},
        {"from": "gpt", "value": "Rain."},
        {"from": "nobody", "value": "?"},
    ],
}


def jsonl(*values: object) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def test_chat_messages_become_turns(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(jsonl({"messages": CHAT}))
    (session,) = openai_jsonl.SOURCE.sessions(path, Report())
    first, second = session.turns
    assert [(turn.id, turn.parent) for turn in (first, second)] == [("1", None), ("2", "1")]
    assert first.items == [
        instructed("Be brief."),
        asked("Weather?"),
        thought("I look."),
        called("c1", "look", "{}"),
        returned("c1", "rain"),
        answered("Rain."),
    ]
    assert [part["type"] for part in second.items[0]["content"]] == [
        "input_text",
        "input_image",
        "input_text",
    ]


def test_a_line_that_is_no_conversation_is_named(tmp_path: Path) -> None:
    path, report = tmp_path / "chat.jsonl", Report()
    path.write_bytes(b"{\n\n" + jsonl({"messages": 3}, {"messages": CHAT}, {"messages": [{}]}))
    assert len(list(openai_jsonl.SOURCE.sessions(path, report))) == 1
    assert [(one.line, one.why) for one in report.skipped] == [
        (1, "it is not JSON"),
        (3, "it has no list of messages"),
        (5, "it has no messages"),
    ]


def test_shared_conversations_are_in_an_array_or_one_a_line(tmp_path: Path) -> None:
    array, lines = tmp_path / "a.json", tmp_path / "b.jsonl"
    array.write_bytes(json.dumps([SHARED, SHARED], indent=1).encode())
    lines.write_bytes(jsonl(SHARED))
    first, again = sharegpt.SOURCE.sessions(array, Report())
    (other,) = sharegpt.SOURCE.sessions(lines, Report())
    assert first.id == again.id == other.id
    assert next(iter(first.turns)).items == [
        instructed("Be brief."),
        asked("Weather?"),
        called("", "look", {"at": "Oslo"}),
        returned("", "rain"),
        answered("Rain."),
    ]


async def test_the_same_conversation_is_taken_once(tmp_path: Path) -> None:
    path, database = tmp_path / "chat.jsonl", tmp_path / "c.db"
    path.write_bytes(jsonl({"messages": CHAT}, {"messages": CHAT[:3]}, {"messages": CHAT}))
    totals, _ = await imported(database, "openai-jsonl", path)
    assert (totals.new, totals.same) == (2, 1)


@HOSTILE
@given(data=st.data())
async def test_changed_and_damaged_lists_harm_nothing(tmp_path: Path, data: st.DataObject) -> None:
    source, value = data.draw(
        st.sampled_from([("openai-jsonl", {"messages": CHAT}), ("sharegpt", SHARED)])
    )
    content = json.dumps(data.draw(changed(value))).encode()
    if data.draw(st.booleans()):
        content = data.draw(damaged(content))
    path, database = tmp_path / "chat.json", tmp_path / "c.db"
    path.write_bytes(content)
    await imported_twice(database, source, path)
