"""Tokens that a server reports with an answer that fails: they were spent, and are counted."""

from __future__ import annotations

import json

import pytest

from tests.program import Program
from tests.server import Answer, OpenAIServer, Raw, ToolCall, Usage

FAILURES = {
    "filter": Answer("Half of", finish="content_filter", usage=Usage(70, 30)),
    "half a call": Answer(calls=[ToolCall("f", '{"a')], finish="length", usage=Usage(70, 30)),
    "nothing yet": Answer("", finish="length", usage=Usage(70, 30)),
}
CASES = [
    ("filter", "--api", "responses"),
    ("filter", "--api", "responses", "--no-stream"),
    ("filter", "--api", "chat"),
    ("filter", "--api", "chat", "--no-stream"),
    ("half a call", "--api", "chat"),
    ("nothing yet", "--api", "responses"),
]


@pytest.mark.parametrize("case", CASES, ids=" ".join)
def test_what_a_failed_answer_cost_is_counted(
    convo: Program, openai_server: OpenAIServer, case: tuple[str, ...]
) -> None:
    failure, *way = case
    server = {**openai_server.environ, "CONVO_MODEL": "test-model"}
    openai_server.script(FAILURES[failure])
    assert convo("chat", *way, "Hello", env=server).code == 5
    (row,) = json.loads(convo("usage", "--by-turn", "--json").out)["rows"]
    assert (row["status"], row["requests"], row["total_tokens"]) == ("failed", 1, 100)
    for by in ("--by-turn", "--by-branch"):
        assert convo("usage", by).out.splitlines()[2].startswith("(new)")


def test_it_is_counted_beside_the_requests_before_it(
    convo: Program, openai_server: OpenAIServer
) -> None:
    (convo.home / "a.py").write_text(
        "from agents import Agent, function_tool\n"
        "@function_tool\n"
        "def look() -> str:\n"
        "    return 'seen'\n"
        "agent = Agent(name='A', tools=[look])\n"
    )
    server = {**openai_server.environ, "CONVO_MODEL": "test-model"}
    openai_server.script(
        Answer(calls=[ToolCall("look")], usage=Usage(20, 5)),
        Answer("Half", finish="content_filter", usage=Usage(70, 30)),
    )
    assert convo("chat", "-a", str(convo.home / "a.py"), "Hello", env=server).code == 5
    (row,) = json.loads(convo("usage", "--by-turn", "--json").out)["rows"]
    assert (row["status"], row["requests"], row["total_tokens"]) == ("failed", 2, 125)


def test_what_a_response_cost_that_the_server_calls_failed(
    convo: Program, openai_server: OpenAIServer
) -> None:
    response = {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "model": "test-model",
        "status": "failed",
        "error": {"code": "server_error", "message": "The model broke."},
        "output": [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": 70,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 30,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 100,
        },
    }
    event = {"type": "response.failed", "sequence_number": 0, "response": response}
    body = f"event: response.failed\ndata: {json.dumps(event)}\n\n"
    openai_server.script(Raw(200, body, {"content-type": "text/event-stream"}))
    server = {**openai_server.environ, "CONVO_MODEL": "test-model"}
    done = convo("chat", "--api", "responses", "Hello", env=server)
    assert "The model broke" in done.error(5)
    (row,) = json.loads(convo("usage", "--by-turn", "--json").out)["rows"]
    assert (row["status"], row["requests"], row["total_tokens"]) == ("failed", 1, 100)
