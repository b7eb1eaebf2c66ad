"""The model that is built in, through the SDK's own runner."""

from typing import Any

import pytest
from agents import Agent, RunConfig, Runner
from openai.types.responses import ResponseStreamEvent

from convo_cli.agent.echo import EchoModel
from convo_cli.plain.echo import answer
from convo_cli.wire.tokens import estimated_tokens

OFFLINE = RunConfig(tracing_disabled=True)
SAID = 'This is turn 1. You said "Hi", and I was sent 1 message.'


def _agent(instructions: str | None = None) -> Agent[None]:
    return Agent(name="test", instructions=instructions, model=EchoModel())


async def _stream(prompt: str) -> tuple[Any, list[ResponseStreamEvent]]:
    result = Runner.run_streamed(_agent(), prompt, run_config=OFFLINE)
    events = [event async for event in result.stream_events()]
    return result, [event.data for event in events if event.type == "raw_response_event"]


async def test_the_whole_answer() -> None:
    result = await Runner.run(_agent(), "Hi", run_config=OFFLINE)
    assert result.final_output == SAID


async def test_the_streamed_answer_comes_word_by_word() -> None:
    result, events = await _stream("Hi")
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert deltas[:3] == ["This ", "is ", "turn "]
    assert "".join(deltas) == result.final_output == SAID


async def test_the_events_are_those_of_the_responses_api() -> None:
    _, events = await _stream("Hi")
    assert list(dict.fromkeys(event.type for event in events)) == [
        "response.created",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [event.sequence_number for event in events] == list(range(len(events)))


async def test_streamed_or_not_the_tokens_are_the_same() -> None:
    whole = (await Runner.run(_agent("Be brief."), "Hi", run_config=OFFLINE)).context_wrapper.usage
    result = Runner.run_streamed(_agent("Be brief."), "Hi", run_config=OFFLINE)
    assert [event async for event in result.stream_events()]
    streamed = result.context_wrapper.usage
    assert (whole.requests, whole.input_tokens, whole.output_tokens) == (1, 3, 22)
    assert (streamed.requests, streamed.input_tokens, streamed.output_tokens) == (1, 3, 22)
    assert whole.total_tokens == streamed.total_tokens == 25


@pytest.mark.parametrize(
    ("items", "instructions", "said"),
    [
        ([], None, 'This is turn 0. You said "", and I was sent 0 messages.'),
        (
            [
                {"role": "user", "content": "a"},
                {"role": "assistant", "content": "b"},
                {"role": "user", "content": [{"type": "input_text", "text": "two\nlines"}]},
            ],
            None,
            'This is turn 2. You said "two lines", and I was sent 3 messages.',
        ),
        (
            [{"role": "user", "content": [{"type": "input_image"}]}, {"type": "reasoning"}],
            "Be\nbrief.",
            'This is turn 1. You said "[input_image]", and I was sent 1 message and 1 other item.\n'
            'My instructions say "Be brief."',
        ),
    ],
)
def test_what_it_says(items: list[dict[str, Any]], instructions: str | None, said: str) -> None:
    assert answer(items, instructions) == said


def test_a_long_prompt_is_cut_and_half_a_character_replaced() -> None:
    said = answer([{"role": "user", "content": "\ud800" + "x" * 300}], None)
    assert said == f'This is turn 1. You said "?{"x" * 199}...", and I was sent 1 message.'


def test_tokens_are_a_quarter_of_the_bytes_rounded_up() -> None:
    assert estimated_tokens("") == 0
    assert estimated_tokens("abcd", "e") == 2
    assert estimated_tokens("日本\ud800") == 3
