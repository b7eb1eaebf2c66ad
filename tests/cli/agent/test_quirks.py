"""An answer is the same in whichever way a server gives it."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from convo_cli.turn.events import ReasoningDelta
from tests.cli.agent.asking import Asker, agent_in, both_apis, both_ways
from tests.server import Answer, Fault, OpenAIServer, Raw, Request, ToolCall
from tests.server.quirks import QUIRKS, quirky
from tests.server.strict import PROFILES, Profile
from tests.server.wire_chat import ChatWire
from tests.server.wire_responses import ResponsesWire

EVENTS = {"content-type": "text/event-stream"}

every_quirk = pytest.mark.parametrize("quirk", QUIRKS)

DESK = """
    from agents import Agent, function_tool

    @function_tool
    def weather(city: str) -> str:
        return f"sunny in {city}"

    agent = Agent(name="Desk", tools=[weather])
"""
BOTH = [ToolCall("weather", {"city": city}, f"call_{city}") for city in ("Oslo", "Paris")]


@every_quirk
@both_ways
async def test_what_is_thought_and_answered(
    openai_server: OpenAIServer, asker: Asker, quirk: str, stream: bool
) -> None:
    said = Answer("Paris, of course: Zürich is 東.", reasoning="Which country?")
    openai_server.script(quirky(said, quirk))
    outcome = await asker.ask(stream=stream)
    thought = [event.text for event in asker.events if isinstance(event, ReasoningDelta)]
    assert (outcome.text, asker.streamed) == (said.text, said.text)
    assert "".join(thought) == "Which country?"
    assert (outcome.run.total_tokens, outcome.run.estimated) == (15, False)


@every_quirk
@both_ways
async def test_calls_stay_apart(
    openai_server: OpenAIServer, asker: Asker, tmp_path: Path, quirk: str, stream: bool
) -> None:
    openai_server.script(quirky(Answer(calls=BOTH), quirk), Answer("Sunny."))
    outcome = await asker.ask(stream=stream, agent=agent_in(tmp_path, DESK))
    calls = [item for item in outcome.items if item.get("type") == "function_call"]
    outputs = [item for item in outcome.items if item.get("type") == "function_call_output"]
    assert [json.loads(call["arguments"])["city"] for call in calls] == ["Oslo", "Paris"]
    assert [one["call_id"] for one in calls] == [one["call_id"] for one in outputs]
    assert [one["output"] for one in outputs] == ["sunny in Oslo", "sunny in Paris"]
    assert openai_server.refused == []


@both_ways
@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
async def test_each_kind_of_server_in_all_its_ways(
    tmp_path: Path, profile: Profile, stream: bool
) -> None:
    with OpenAIServer(profile=profile.name) as server:
        asker = Asker(server.base_url)
        for _ in "12":
            calls = [replace(call, call_id=None) for call in BOTH]
            server.script(quirky(Answer(calls=calls, reasoning="Hm."), *profile.ways))
            server.script(quirky(Answer("Sunny.", reasoning="So."), *profile.ways))
            outcome = await asker.ask(stream=stream, agent=agent_in(tmp_path, DESK))
            assert (outcome.text, outcome.run.requests) == ("Sunny.", 2)
            assert [item["output"][-4:] for item in outcome.items if "output" in item] == [
                "Oslo",
                "aris",
            ]
        # A refusal is one of `stream_options`, of which each chat learns once.
        assert all("stream_options" in request.data for request in server.refused)


def test_the_documentation_has_the_tables_of_the_code() -> None:
    text = (Path(__file__).parents[3] / "docs" / "servers.md").read_text()
    for profile in PROFILES.values():
        refuses = ", ".join(f"`{name}`" for name in sorted(profile.unknown))
        assert f"| {profile.title} | {refuses} | {', '.join(profile.ways)} |" in text
    ways = re.findall(r"^\| (.+?) \|", text.partition("## How answers are read")[2], re.M)
    assert set(ways) >= set(QUIRKS)


def one_piece(request: Request) -> Raw:
    wire = (ChatWire if "messages" in request.data else ResponsesWire)(request)
    return Fault.json(200, wire.body(Answer("Paris.")))


@both_apis
async def test_a_whole_answer_to_a_streamed_request(
    openai_server: OpenAIServer, asker: Asker, api: str
) -> None:
    openai_server.script(one_piece)
    outcome = await asker.ask(api=api)
    assert (outcome.text, asker.streamed) == ("Paris.", "Paris.")
    assert outcome.run.total_tokens == 15


def a_stream(answer: Answer) -> Callable[[Request], Raw]:
    def streamed(request: Request) -> Raw:
        wire = (ChatWire if "messages" in request.data else ResponsesWire)(request)
        return Raw(200, "".join(frame.encoded().decode() for frame in wire.frames(answer)), EVENTS)

    return streamed


@both_apis
async def test_a_stream_in_the_place_of_a_whole_answer(
    openai_server: OpenAIServer, asker: Asker, tmp_path: Path, api: str
) -> None:
    openai_server.script(
        a_stream(Answer("Let me look.", calls=BOTH)),
        a_stream(Answer("Sunny.", reasoning="Both?")),
    )
    outcome = await asker.ask(api=api, stream=False, agent=agent_in(tmp_path, DESK))
    outputs = [item["output"] for item in outcome.items if "output" in item]
    assert (outcome.text, outputs) == ("Sunny.", ["sunny in Oslo", "sunny in Paris"])
    assert (asker.streamed, outcome.run.requests) == ("Let me look.Sunny.", 2)


@both_apis
async def test_all_of_an_answer_but_its_last_event(
    openai_server: OpenAIServer, asker: Asker, tmp_path: Path, api: str
) -> None:
    def without_end(request: Request) -> Raw:
        wire = (ChatWire if "messages" in request.data else ResponsesWire)(request)
        frames = [frame.encoded().decode() for frame in wire.frames(Answer("", calls=BOTH))]
        ends = ("response.completed", '"finish_reason":"tool_calls"', "[DONE]")
        kept = [frame for frame in frames if not any(end in frame for end in ends)]
        return Raw(200, "".join([*kept, "data: [DONE]\n\n"]), EVENTS)

    openai_server.script(without_end, Answer("Sunny."))
    outcome = await asker.ask(api=api, agent=agent_in(tmp_path, DESK))
    outputs = [item["output"] for item in outcome.items if "output" in item]
    assert (outcome.text, outputs) == ("Sunny.", ["sunny in Oslo", "sunny in Paris"])


@both_apis
async def test_half_a_stream_in_the_place_of_a_whole_answer(
    openai_server: OpenAIServer, asker: Asker, api: str
) -> None:
    kind = "response.output_text.delta" if api == "responses" else "chunk"
    piece = {"type": kind, "delta": "Par", "choices": [{"index": 0, "delta": {"content": "Par"}}]}
    openai_server.script(Raw(200, f"data: {json.dumps(piece)}\n\n", EVENTS))
    assert str(await asker.fail(api=api, stream=False)).startswith(
        f"{asker.base_url} answered with"
    )


@both_apis
@both_ways
async def test_thinking_in_the_text_of_either_api(
    openai_server: OpenAIServer, asker: Asker, api: str, stream: bool
) -> None:
    openai_server.script(Answer("<think>\nFrance?</think>\n\nParis.", size=4), Answer("Yes."))
    outcome = await asker.ask(api=api, stream=stream)
    thought = [event.text for event in asker.events if isinstance(event, ReasoningDelta)]
    assert (outcome.text, asker.streamed, "".join(thought)) == ("Paris.", "Paris.", "France?")
    await asker.ask(api=api, stream=stream)
    assert "<think>" not in json.dumps(openai_server.requests[1].items)


@both_apis
@both_ways
@pytest.mark.parametrize(
    "text",
    ["Use <think> as a tag.", "a <think>b</think> c", "<thinker> is none", "<th", "< think>"],
)
async def test_text_that_only_looks_like_thinking(
    openai_server: OpenAIServer, asker: Asker, api: str, stream: bool, text: str
) -> None:
    openai_server.script(Answer(text, size=2))
    assert (await asker.ask(api=api, stream=stream)).text == text
    assert asker.streamed == text


@both_apis
@both_ways
async def test_thinking_that_never_ends_is_no_answer(
    openai_server: OpenAIServer, asker: Asker, api: str, stream: bool
) -> None:
    openai_server.script(Answer("<think>Which country", size=4))
    assert str(await asker.fail(api=api, stream=stream)).endswith("answered with nothing")
    assert asker.streamed == ""


FAILURES = [
    '{"error": {"message": "no credit", "code": 402}}',
    '{"error": "no credit"}',
    '{"error": {"detail": "no credit"}}',
    '{"object": "error", "message": "no credit", "code": 400}',
    '{"detail": "no credit"}',
    '{"id": "x", "object": "chat.completion.chunk", "error": {"code": 502, "message": "no credit"},'
    ' "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}]}',
    '{"choices": [{"index": 0, "error": {"message": "no credit"}, "message": {"content": ""}}]}',
]


@both_apis
@both_ways
@pytest.mark.parametrize("body", FAILURES)
async def test_a_failure_in_the_body(
    openai_server: OpenAIServer, asker: Asker, api: str, stream: bool, body: str
) -> None:
    openai_server.script(Raw(200, body, {"content-type": "application/json"}))
    assert str(await asker.fail(api=api, stream=stream)).endswith(": no credit")


@both_apis
@pytest.mark.parametrize("body", [*FAILURES, "no credit"])
async def test_a_failure_in_the_stream(
    openai_server: OpenAIServer, asker: Asker, api: str, body: str
) -> None:
    openai_server.script(Raw(200, f"event: error\ndata: {body}\n\n", EVENTS))
    assert str(await asker.fail(api=api)).endswith(": no credit")


async def test_a_failure_that_a_status_sends_as_an_event(
    openai_server: OpenAIServer, asker: Asker
) -> None:
    body = 'data: {"error": {"message": "no start"}}\n\ndata: [DONE]\n\n'
    openai_server.script(Raw(400, body, EVENTS))
    assert str(await asker.fail()).endswith("(400): no start")


@pytest.mark.parametrize(
    "step",
    [
        Fault.status(400, message="Streaming is not supported by this model."),
        Fault.status(501, message="stream=true is not implemented"),
        Fault.json(200, {"error": {"message": "This model cannot stream."}}),
    ],
    ids=lambda step: step.body[:60],
)
@both_ways
async def test_a_server_that_cannot_stream(
    openai_server: OpenAIServer, asker: Asker, step: Raw, stream: bool
) -> None:
    openai_server.script(step, step, step)
    error = await asker.fail(stream=stream)
    assert ("--no-stream" in (error.hint or "")) == stream
