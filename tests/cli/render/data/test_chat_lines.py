"""Branches as chat messages: what they say, and what cannot be said."""

from __future__ import annotations

import json

from convo_cli.render.data.chat_lines import ChatLines

USER = {"role": "user", "content": "Where?"}
ANSWER = {
    "type": "message",
    "role": "assistant",
    "content": [{"type": "output_text", "text": "Oslo."}],
}


def call(name: str, arguments: object, call_id: str) -> list[dict[str, object]]:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return [
        {"type": "function_call", "call_id": call_id, "name": name, "arguments": text},
        {"type": "function_call_output", "call_id": call_id, "output": "done"},
    ]


def test_a_branch_with_a_tool() -> None:
    chats = ChatLines()
    line = chats.line([USER, *call("map", {"city": "Oslo", "zoom": 3}, "c1"), ANSWER])
    calls = [{"id": "c1", "type": "function"}]
    calls[0]["function"] = {"name": "map", "arguments": '{"city": "Oslo", "zoom": 3}'}  # type: ignore[assignment]
    properties = {"city": {"type": "string"}, "zoom": {"type": "integer"}}
    schema = {"type": "object", "properties": properties, "required": ["city", "zoom"]}
    assert line == {
        "messages": [
            {"role": "user", "content": "Where?"},
            {"role": "assistant", "content": None, "tool_calls": calls},
            {"role": "tool", "tool_call_id": "c1", "content": "done"},
            {"role": "assistant", "content": "Oslo."},
        ],
        "tools": [{"type": "function", "function": {"name": "map", "parameters": schema}}],
    }


def test_the_parameters_are_those_of_all_calls() -> None:
    calls = [*call("f", {"a": 1, "b": 2}, "1"), *call("f", {"a": "x"}, "2"), *call("f", "[", "3")]
    line = ChatLines().line([USER, *calls])
    assert line is not None
    parameters = line["tools"][0]["function"]["parameters"]
    assert parameters == {"type": "object", "properties": {"a": {}, "b": {"type": "integer"}}}


def test_what_chat_messages_have_no_form_for() -> None:
    chats = ChatLines()
    thought = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]}
    search = {"type": "web_search_call", "status": "completed", "action": {"query": "oslo"}}
    assert chats.line([USER, thought, search]) == {
        "messages": [USER, {"role": "assistant", "content": "[web search: oslo]"}]
    }
    assert chats.line([USER]) == {"messages": [USER]}
    assert chats.line([]) is None
    assert list(chats.notices()) == [
        "left out, because chat messages have no form for it: reasoning (1)",
        "written as text, for the same reason: web_search_call (1)",
        "1 line does not end with an answer",
    ]


def test_text_that_no_server_takes() -> None:
    line = ChatLines().line([{"role": "user", "content": "\ud800 x"}, ANSWER])
    assert "\ud800" not in json.dumps(line, ensure_ascii=False)
