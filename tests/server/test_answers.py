"""Scripted answers as the Agents SDK understands them, through both APIs, streamed and not."""

from __future__ import annotations

import threading
import time

import pytest
from agents import ModelRefusalError, function_tool

from tests.server import Answer, OpenAIServer, Request, ToolCall, Usage
from tests.server.driver import STREAMED, WAYS, Way, ask

every_way = pytest.mark.parametrize("way", WAYS, ids=str)
streamed = pytest.mark.parametrize("way", STREAMED, ids=str)
TEXT = "response.output_text.delta"
ARGUMENTS = "response.function_call_arguments.delta"


@function_tool
def get_weather(city: str) -> str:
    """Says what the weather is like."""
    return f"sunny in {city}"


@every_way
async def test_text_and_every_kind_of_token_arrive(openai_server: OpenAIServer, way: Way) -> None:
    usage = Usage(input=12, output=7, cached=4, reasoning=3)
    openai_server.script(Answer("The capital is Paris.", usage=usage))
    outcome = await ask(openai_server, way)
    got = outcome.usage
    assert outcome.text == "The capital is Paris."
    assert (got.requests, got.input_tokens, got.output_tokens, got.total_tokens) == (1, 12, 7, 19)
    assert got.input_tokens_details.cached_tokens == 4
    assert got.output_tokens_details.reasoning_tokens == 3


@every_way
async def test_a_server_that_reports_no_usage(openai_server: OpenAIServer, way: Way) -> None:
    openai_server.script(Answer("Paris.", usage=None))
    outcome = await ask(openai_server, way)
    assert (outcome.usage.requests, outcome.usage.total_tokens) == (1, 0)


@streamed
async def test_text_is_streamed_in_words(openai_server: OpenAIServer, way: Way) -> None:
    openai_server.script(Answer("  The capital\n\nis Paris. "))
    outcome = await ask(openai_server, way)
    assert outcome.deltas == {TEXT: ["  ", "The ", "capital\n\n", "is ", "Paris. "]}


@streamed
async def test_text_is_streamed_in_the_pieces_asked_for(
    openai_server: OpenAIServer, way: Way
) -> None:
    openai_server.script(Answer(["Pa", "ri", "s."]), Answer("Zürich 東京", size=4))
    assert (await ask(openai_server, way)).deltas == {TEXT: ["Pa", "ri", "s."]}
    assert (await ask(openai_server, way)).deltas == {TEXT: ["Züri", "ch 東", "京"]}


@every_way
async def test_a_tool_call_makes_the_round_trip(openai_server: OpenAIServer, way: Way) -> None:
    openai_server.script(ToolCall("get_weather", {"city": "Paris"}, "call_1"), Answer("Sunny."))
    outcome = await ask(openai_server, way, tools=[get_weather])
    call, returned, _message = outcome.items
    sent_back = openai_server.requests[1].items[-1]
    assert outcome.text == "Sunny."
    assert (call["call_id"], call["name"], call["arguments"]) == (
        "call_1",
        "get_weather",
        '{"city": "Paris"}',
    )
    assert returned["output"] == "sunny in Paris"
    assert sent_back.get("content", sent_back.get("output")) == "sunny in Paris"
    assert (outcome.usage.requests, outcome.usage.total_tokens) == (2, 30)


@streamed
async def test_arguments_are_streamed_in_pieces(openai_server: OpenAIServer, way: Way) -> None:
    openai_server.script(Answer(calls=[ToolCall("get_weather", {"city": "Paris"})], size=6))
    outcome = await ask(openai_server, way, tools=[get_weather])
    assert outcome.deltas[ARGUMENTS] == ['{"city', '": "Pa', 'ris"}']


@every_way
async def test_an_answer_may_say_something_and_call_two_tools(
    openai_server: OpenAIServer, way: Way
) -> None:
    calls = [ToolCall("get_weather", {"city": city}) for city in ("Paris", "Oslo")]
    openai_server.script(Answer("Let me look.", calls=calls), Answer("Sunny in both."))
    outcome = await ask(openai_server, way, tools=[get_weather])
    kinds = [item.get("type", item.get("role")) for item in outcome.items]
    assert kinds[:3] == ["message", "function_call", "function_call"]
    assert [item["output"] for item in outcome.items if "output" in item] == [
        "sunny in Paris",
        "sunny in Oslo",
    ]


@every_way
async def test_reasoning_comes_before_the_answer(openai_server: OpenAIServer, way: Way) -> None:
    openai_server.script(Answer("Paris.", reasoning="Which country? France."))
    outcome = await ask(openai_server, way)
    reasoning, message = outcome.items
    assert reasoning["summary"] == [{"text": "Which country? France.", "type": "summary_text"}]
    assert message["content"][0]["text"] == "Paris."
    if way.streamed:
        pieces = ["Which ", "country? ", "France."]
        assert outcome.deltas["response.reasoning_summary_text.delta"] == pieces


@every_way
async def test_a_refusal_is_one(openai_server: OpenAIServer, way: Way) -> None:
    openai_server.script(Answer(refusal="I cannot help with that."))
    with pytest.raises(ModelRefusalError, match=r"I cannot help with that\."):
        await ask(openai_server, way)


@every_way
async def test_with_no_script_the_answer_says_which_it_is(
    openai_server: OpenAIServer, way: Way
) -> None:
    assert (await ask(openai_server, way, "Hello?")).text == "Answer 1 to: Hello?"


async def test_a_step_can_be_made_from_the_request(openai_server: OpenAIServer) -> None:
    def echo(request: Request) -> Answer:
        return Answer(f"{request.model} heard {request.user_texts[-1]}")

    openai_server.script(echo)
    outcome = await ask(openai_server, WAYS[0], "Hello?")
    assert outcome.text == "test-model heard Hello?"


async def test_a_slow_answer_pauses_before_each_piece(openai_server: OpenAIServer) -> None:
    openai_server.script(Answer(["a", "b", "c"], pause=0.05))
    started = time.monotonic()
    outcome = await ask(openai_server, STREAMED[0])
    assert outcome.deltas == {TEXT: ["a", "b", "c"]}
    assert time.monotonic() - started >= 0.15


@every_way
async def test_an_answer_waits_at_its_gate(openai_server: OpenAIServer, way: Way) -> None:
    gate = threading.Event()
    openai_server.script(Answer("first", gate=gate))
    timer = threading.Timer(0.1, gate.set)
    timer.start()
    started = time.monotonic()
    assert (await ask(openai_server, way)).text == "first"
    assert time.monotonic() - started >= 0.1
    timer.join()
