"""Tokens that a server reports with an answer that fails: they were spent, and are counted."""

from __future__ import annotations

import json

import pytest

from tests.program import Program
from tests.server import Answer, OpenAIServer, ToolCall, Usage

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
