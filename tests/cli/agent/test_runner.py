"""One turn from the prompt to what is stored, against a real server."""

import asyncio
import gc
import logging
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from agents import Runner, RunResultStreaming

from convo_cli.agent.host import AgentHost
from convo_cli.turn.choice import Api, ModelChoice, TurnOutcome
from convo_cli.turn.events import OnEvent, TextDelta, ToolCalled, ToolReturned
from tests.cli.agent.asking import Asker, agent_in, both_apis, both_ways
from tests.server import Answer, Fault, OpenAIServer, ToolCall, Usage


@both_apis
@both_ways
async def test_a_turn_and_the_one_after_it(
    openai_server: OpenAIServer, asker: Asker, api: str, stream: bool
) -> None:
    first = await asker.ask("What is the capital of France?", api=api, stream=stream)
    second = await asker.ask("And of Spain?", api=api, stream=stream)
    assert first.text == "Answer 1 to: What is the capital of France?"
    assert second.text == "Answer 2 to: And of Spain?"
    assert second.items[0] == {"content": "And of Spain?", "role": "user"}
    assert [item["role"] for item in second.items] == ["user", "assistant"]
    request = openai_server.requests[1]
    assert request.user_texts == ["What is the capital of France?", "And of Spain?"]
    assert request.path == ("/v1/chat/completions" if api == "chat" else "/v1/responses")
    assert request.streamed is stream


@both_apis
async def test_the_answer_is_shown_as_it_arrives(
    openai_server: OpenAIServer, asker: Asker, api: str
) -> None:
    openai_server.script(Answer(["Hello", " to ", "you"]))
    await asker.ask(api=api)
    assert asker.events == [TextDelta("Hello"), TextDelta(" to "), TextDelta("you")]


async def test_without_streaming_the_answer_is_shown_at_once(asker: Asker) -> None:
    await asker.ask("Hi", stream=False)
    assert asker.events == [TextDelta("Answer 1 to: Hi")]


@both_apis
@both_ways
async def test_the_record_of_a_run(
    openai_server: OpenAIServer, asker: Asker, api: str, stream: bool
) -> None:
    openai_server.script(Answer("Hi", usage=Usage(input=10, output=5, cached=3, reasoning=2)))
    run = (await asker.ask(api=api, stream=stream)).run
    assert (run.model, run.base_url, run.api) == ("test-model", asker.base_url, api)
    assert (run.requests, run.input_tokens, run.output_tokens, run.total_tokens) == (1, 10, 5, 15)
    assert run.input_details is not None
    assert run.input_details["cached_tokens"] == 3
    # One that only chat completions have, and the SDK does not add up.
    assert ("audio_tokens" in run.input_details) is (api == "chat")
    assert run.output_details is not None
    assert run.output_details["reasoning_tokens"] == 2
    assert ("response_id" in run.request_entries[0]) is (api == "responses")
    assert not run.estimated
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", run.started_at or "")
    assert run.duration_s is not None
    assert 0 < run.duration_s < 5


@both_apis
@both_ways
async def test_tokens_that_a_server_does_not_count_are_estimated(
    openai_server: OpenAIServer, asker: Asker, api: str, stream: bool
) -> None:
    openai_server.script(Answer("Hi", usage=None), Answer("Hi", usage=Usage(0, 0)))
    for sent in (2, 4):
        run = (await asker.ask(api=api, stream=stream)).run
        assert (run.requests, run.input_tokens, run.output_tokens) == (1, sent, 1)
        assert (run.total_tokens, run.estimated) == (sent + 1, True)
    openai_server.script(Answer("Hi"))
    assert not (await asker.ask(api=api, stream=stream)).run.estimated


async def test_a_server_is_told_to_count_tokens_of_streams(
    openai_server: OpenAIServer, asker: Asker
) -> None:
    await asker.ask(api="chat")
    assert openai_server.requests[0].data["stream_options"] == {"include_usage": True}


async def test_echo_is_an_estimate_and_goes_nowhere(
    openai_server: OpenAIServer, asker: Asker
) -> None:
    outcome = await asker.ask("Hi", model="echo", instructions="Be brief.")
    assert outcome.text == asker.streamed
    assert outcome.text.endswith('\nMy instructions say "Be brief."')
    assert (outcome.run.model, outcome.run.estimated, outcome.run.base_url) == ("echo", True, None)
    assert openai_server.requests == []


@both_apis
async def test_a_conversation_goes_on_with_another_model(
    openai_server: OpenAIServer, asker: Asker, api: str
) -> None:
    await asker.ask("One", model="echo")
    await asker.ask("Two", api="responses")
    await asker.ask("Three", api="chat")
    await asker.ask("Four", api=api)
    request = openai_server.requests[-1]
    assert request.user_texts == ["One", "Two", "Three", "Four"]
    assert len(request.items) == 7
    assert "__fake_id__" not in str(request.items)


@both_apis
async def test_the_instructions_are_sent(
    openai_server: OpenAIServer, asker: Asker, api: str
) -> None:
    await asker.ask(api=api, instructions="Be brief.")
    assert "Be brief." in str(openai_server.requests[0].data)
    assert "Be brief." not in str(asker.history)


WEATHER = """
    from agents import Agent, function_tool

    @function_tool
    def weather(city: str) -> str:
        return f"Sunny in {city}."

    agent = Agent(name="test", tools=[weather])
"""


@both_apis
@both_ways
async def test_tools_are_run_and_stored_with_the_turn(
    openai_server: OpenAIServer,
    asker: Asker,
    tmp_path: Path,
    api: str,
    stream: bool,
) -> None:
    agent = agent_in(tmp_path, WEATHER)
    openai_server.script(ToolCall("weather", {"city": "Oslo"}), Answer("Sunny."))
    outcome = await asker.ask(api=api, stream=stream, agent=agent)
    kinds = [item.get("type", item.get("role")) for item in outcome.items]
    assert kinds == ["user", "function_call", "function_call_output", "message"]
    assert (outcome.run.requests, outcome.run.total_tokens) == (2, 30)
    assert len(outcome.run.request_entries) == 2
    assert isinstance(asker.events[0], ToolCalled)
    assert asker.events[1] == ToolReturned("weather", "Sunny in Oslo.")
    assert asker.streamed == "Sunny."


@both_apis
@both_ways
async def test_the_turn_limit(
    openai_server: OpenAIServer,
    asker: Asker,
    tmp_path: Path,
    api: str,
    stream: bool,
) -> None:
    agent = agent_in(tmp_path, WEATHER)
    openai_server.script(*[ToolCall("weather", {"city": "Oslo"})] * 2)
    error = await asker.fail(api=api, stream=stream, max_turns=2, agent=agent)
    assert str(error) == "the agent was not done after 2 requests to the model"
    assert error.hint == "--max-turns N allows more"


async def run_turn(choice: ModelChoice, on_event: OnEvent) -> TurnOutcome:
    async with AgentHost() as host:
        return await host.run_turn(choice, [], "Hello?", on_event)


@both_apis
async def test_a_cancelled_turn_hangs_up_at_once_and_leaves_no_noise(
    openai_server: OpenAIServer, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    arrived = asyncio.Event()
    openai_server.script(Answer("word " * 100, pause=0.05))
    choice = ModelChoice(model="test-model", base_url=openai_server.base_url, api=api)
    turn = asyncio.create_task(run_turn(choice, lambda _: arrived.set()))
    await arrived.wait()
    before = time.perf_counter()
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    assert time.perf_counter() - before < 1
    await asyncio.to_thread(openai_server.wait_for_hang_up)
    gc.collect()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_cancelled_run_has_ended_when_the_turn_has(monkeypatch: pytest.MonkeyPatch) -> None:
    started: asyncio.Future[RunResultStreaming] = asyncio.get_running_loop().create_future()
    run_streamed = Runner.run_streamed

    def watched(*args: Any, **kwargs: Any) -> RunResultStreaming:
        started.set_result(run_streamed(*args, **kwargs))
        return started.result()

    monkeypatch.setattr(Runner, "run_streamed", watched)
    turn = asyncio.create_task(run_turn(ModelChoice(model="echo"), lambda _: None))
    run = (await started).run_loop_task
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    assert run is not None
    assert run.done()


async def test_what_the_caller_raises_stops_the_turn(
    openai_server: OpenAIServer, asker: Asker
) -> None:
    def refuse(_: object) -> None:
        raise BrokenPipeError

    openai_server.script(Answer("word " * 100, pause=0.05))
    choice = ModelChoice(model="test-model", base_url=asker.base_url)
    with pytest.raises(BrokenPipeError):
        await run_turn(choice, refuse)
    await asyncio.to_thread(openai_server.wait_for_hang_up)


SCRIPT = """
import asyncio, sys
from convo.errors import ModelError
from convo_cli.turn.choice import ModelChoice
from convo_cli.agent.host import AgentHost

async def run_turn(choice, on_event):
    async with AgentHost() as host:
        return await host.run_turn(choice, [], "Hello?", on_event)

async def main():
    choice = ModelChoice(model="m", base_url=sys.argv[1], api=sys.argv[2], timeout=5)
    arrived = asyncio.Event()
    turn = asyncio.create_task(run_turn(choice, lambda event: arrived.set()))
    await arrived.wait()
    turn.cancel()
    await asyncio.gather(turn, return_exceptions=True)
    for _ in range(2):
        try:
            await run_turn(choice, lambda event: None)
        except ModelError as error:
            print(error)

asyncio.run(main())
"""


@both_apis
def test_nothing_but_our_own_words_is_printed(openai_server: OpenAIServer, api: str) -> None:
    openai_server.script(Fault.stall("Par tial"), Fault.end_after("Par tial"), Fault.status(401))
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", SCRIPT, openai_server.base_url, api],
        capture_output=True,
        text=True,
        check=True,
    )
    url = openai_server.base_url
    assert done.stdout.splitlines() == [
        f"the answer of {url} ended before it was complete",
        f"{url} does not accept the API key (401)",
    ]
    assert done.stderr == ""


async def test_a_history_that_the_sdk_wrote_can_be_continued(
    openai_server: OpenAIServer, asker: Asker
) -> None:
    history: list[dict[str, Any]] = [
        {"role": "user", "content": [{"type": "input_text", "text": "One"}]},
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}", "id": "fc_1"},
        {"type": "function_call_output", "call_id": "c1", "output": "done"},
        {"role": "assistant", "content": "1"},
    ]
    asker.history = list(history)
    outcome = await asker.ask("Two")
    assert outcome.text == "Answer 2 to: Two"
    assert len(outcome.items) == 2
