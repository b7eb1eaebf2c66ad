"""Agents with scripted models, and what comes of real runs of the SDK with them."""

import asyncio
from collections.abc import Sequence
from typing import Any

from agents import Agent, RunHooks, Runner, Usage, function_tool
from agents.testing import ModelStep, ScriptedModel, assistant_message, function_call

from tests.core.better_than_sdk.openers import AnySession

LOOK_UP = function_call("look_up", {"city": "Paris"}, call_id="l1")
BOOK = function_call("book", {"city": "Paris"}, call_id="b1")
BOOK_AGAIN = function_call("book", {"city": "Rome"}, call_id="b2")
HAND_OFF = function_call("transfer_to_expert", {}, call_id="h1")


@function_tool
def look_up(city: str) -> str:
    """Say something about a city."""
    return f"{city} is nice"


@function_tool(needs_approval=True)
def book(city: str) -> str:
    """Book a trip."""
    return f"booked {city}"


def usage(total: int) -> Usage:
    return Usage(requests=1, input_tokens=total - 5, output_tokens=5, total_tokens=total)


def says(text: str, total: int) -> ModelStep:
    """A response of the model that ends a run, and its tokens."""
    return ModelStep(output=[assistant_message(text)], usage=usage(total))


def calls(call: Any, total: int) -> ModelStep:
    """A response of the model that calls a tool, and its tokens."""
    return ModelStep(output=[call], usage=usage(total))


def agent(*steps: ModelStep, name: str = "assistant", handoffs: Sequence[Agent] = ()) -> Agent:
    model = ScriptedModel(list(steps))
    return Agent(name=name, model=model, tools=[look_up, book], handoffs=list(handoffs))


async def run(
    asked: Agent,
    question: Any,
    session: AnySession,
    *,
    streamed: bool = False,
    hooks: RunHooks[Any] | None = None,
    max_turns: int = 10,
) -> Any:
    """Run an agent to the end of the run, or to where it waits for an approval."""
    if not streamed:
        return await Runner.run(asked, question, session=session, hooks=hooks, max_turns=max_turns)
    result = Runner.run_streamed(asked, question, session=session, hooks=hooks, max_turns=max_turns)
    async for _ in result.stream_events():
        pass
    return result


def approved(result: Any) -> Any:
    """The state of an interrupted run, with all that it asks for approved."""
    state = result.to_state()
    for item in state.get_interruptions():
        state.approve(item)
    return state


class Gate:
    """A model's response that is under way until the gate is opened."""

    def __init__(self, step: ModelStep) -> None:
        self.reached = asyncio.Event()
        self._opened = asyncio.Event()
        self._step = step

    def open(self) -> None:
        self._opened.set()

    @property
    def step(self) -> ModelStep:
        async def wait(_: Any) -> ModelStep:
            self.reached.set()
            await self._opened.wait()
            return self._step

        return ModelStep.respond(wait)


async def totals(session: AnySession) -> dict[int, int]:
    """The tokens of each turn of the current branch."""
    usage = await session.get_turn_usage()
    return {row["user_turn_number"]: row["total_tokens"] for row in usage}
