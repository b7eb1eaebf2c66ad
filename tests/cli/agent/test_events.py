"""What is shown of a run while it goes on."""

import pytest
from agents import Agent, RunConfig, Runner, ToolOutputImage, ToolOutputText, function_tool
from agents.testing import ScriptedModel, assistant_message, function_call
from pydantic import BaseModel

from convo_cli.agent.events import Events, final_text
from convo_cli.turn.events import Event, ReasoningDelta, TextDelta, ToolCalled, ToolReturned
from tests.cli.agent.asking import Asker, both_apis
from tests.server import Answer, OpenAIServer

OFFLINE = RunConfig(tracing_disabled=True)


@function_tool
def weather(city: str) -> str:
    return f"Sunny in {city}."


@pytest.fixture
def agent() -> Agent[None]:
    call = function_call("weather", {"city": "Oslo"}, call_id="call_1")
    return Agent(
        name="test",
        tools=[weather],
        model=ScriptedModel([[call], [assistant_message("It is sunny.")]]),
    )


def _merged(events: list[Event]) -> list[Event]:
    """The events, pieces of text put together."""
    merged: list[Event] = []
    for event in events:
        last = merged[-1] if merged else None
        if isinstance(last, TextDelta) and isinstance(event, TextDelta):
            merged[-1] = TextDelta(last.text + event.text)
        else:
            merged.append(event)
    return merged


SHOWN = [
    ToolCalled("weather", '{"city":"Oslo"}'),
    ToolReturned("weather", "Sunny in Oslo."),
    TextDelta("It is sunny."),
]


async def test_tools_are_shown_as_they_are_called(agent: Agent[None]) -> None:
    events = Events()
    result = Runner.run_streamed(agent, "Weather?", run_config=OFFLINE)
    shown = [events.of(event) async for event in result.stream_events()]
    assert _merged([event for event in shown if event is not None]) == SHOWN


async def test_the_items_of_a_run_show_its_tools(agent: Agent[None]) -> None:
    events = Events()
    result = await Runner.run(agent, "Weather?", run_config=OFFLINE)
    shown = [events.of_item(item) for item in result.new_items]
    assert [event for event in shown if event is not None] == SHOWN[:2]
    assert final_text(result.final_output, result.new_items) == "It is sunny."


async def test_an_image_of_a_tool_is_named() -> None:
    @function_tool
    def draw() -> list[ToolOutputText | ToolOutputImage]:
        return [ToolOutputText(text="Oslo"), ToolOutputImage(image_url="data:image/png;base64,aa")]

    model = ScriptedModel([[function_call("draw", {}, call_id="c")], [assistant_message("Drawn.")]])
    agent = Agent(name="test", tools=[draw], model=model)
    result = await Runner.run(agent, "Draw it.", run_config=OFFLINE)
    assert list(Events().of_whole(result.new_items))[1] == ToolReturned("draw", "Oslo\n[image]")


async def test_a_structured_answer_is_shown_as_its_json() -> None:
    class City(BaseModel):
        name: str

    model = ScriptedModel([[assistant_message('{"name":"Oslo"}')]])
    agent = Agent(name="test", model=model, output_type=City)
    result = await Runner.run(agent, "City?", run_config=OFFLINE)
    assert final_text(result.final_output, result.new_items) == '{"name":"Oslo"}'


@both_apis
async def test_thinking_is_told_from_the_answer(
    openai_server: OpenAIServer, asker: Asker, api: str
) -> None:
    openai_server.script(Answer("Yes.", reasoning="Let me see."))
    await asker.ask(api=api)
    thought = [event.text for event in asker.events if isinstance(event, ReasoningDelta)]
    assert "".join(thought) == "Let me see."
    assert asker.streamed == "Yes."
