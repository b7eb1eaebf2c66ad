"""Tokens that a server reports with an answer that fails: they were spent, and are counted."""

from __future__ import annotations

import json

import pytest

from tests.program import Program
from tests.server import Answer, OpenAIServer, ToolCall, Usage

WAYS = [
    ("--api", "responses"),
    ("--api", "responses", "--no-stream"),
    ("--api", "chat"),
    ("--api", "chat", "--no-stream"),
]
FAILURES = {
    "filter": Answer("Half of", finish="content_filter", usage=Usage(70, 30)),
    "half a call": Answer(calls=[ToolCall("f", '{"a')], finish="length", usage=Usage(70, 30)),
    "nothing yet": Answer("", finish="length", usage=Usage(70, 30)),
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("way", WAYS, ids=" ".join)
def test_what_a_failed_answer_cost_is_counted(
    convo: Program, openai_server: OpenAIServer, way: tuple[str, ...], failure: str
) -> None:
    server = {**openai_server.environ, "CONVO_MODEL": "test-model"}
    openai_server.script(FAILURES[failure], Answer("Whole.", usage=Usage(10, 5)))
    assert convo("chat", *way, "Hello", env=server).code == 5
    assert convo("retry", *way, env=server).code == 0
    rows = json.loads(convo("usage", "--by-turn", "--json").out)
    failed = [row for row in rows["rows"] if row["status"] == "failed"]
    assert [row["total_tokens"] for row in failed] == [100]
    assert [row["requests"] for row in failed] == [1]
    assert rows["total"]["total_tokens"] == 115


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
