"""Drives the server with the real Agents SDK, in the four ways that a turn can go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from agents import (
    Agent,
    Model,
    ModelSettings,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    RunConfig,
    Runner,
    RunResult,
    RunResultStreaming,
    Tool,
    Usage,
)
from openai import AsyncOpenAI

from tests.server import OpenAIServer


@dataclass(frozen=True)
class Way:
    """Which API a turn goes through, and whether it is streamed."""

    api: Literal["responses", "chat"]
    streamed: bool

    def __str__(self) -> str:
        return f"{self.api}-{'streamed' if self.streamed else 'plain'}"

    def model(self, client: AsyncOpenAI) -> Model:
        if self.api == "responses":
            return OpenAIResponsesModel("test-model", client)
        return OpenAIChatCompletionsModel("test-model", client)


WAYS = [Way(api, streamed) for api in ("responses", "chat") for streamed in (False, True)]
STREAMED = [way for way in WAYS if way.streamed]
PLAIN = [way for way in WAYS if not way.streamed]


@dataclass(frozen=True)
class Outcome:
    """What the SDK made of a turn. `deltas` are the pieces that were streamed, by event type."""

    text: str
    usage: Usage
    items: list[Any]
    deltas: dict[str, list[str]]


async def ask(
    server: OpenAIServer,
    way: Way,
    prompt: str = "What is the capital of France?",
    *,
    tools: Sequence[Tool] = (),
    patience: float = 10.0,
    retries: int = 0,
    deltas: dict[str, list[str]] | None = None,
) -> Outcome:
    """Runs one turn with a client that waits `patience` seconds for the next bytes.

    What arrives before a failure is found in the `deltas` that were passed.
    """
    seen = {} if deltas is None else deltas
    client = AsyncOpenAI(
        base_url=server.base_url, api_key="sk-test", max_retries=retries, timeout=patience
    )
    async with client:
        agent = Agent(
            name="assistant",
            model=way.model(client),
            # The SDK asks only OpenAI's own servers for the usage of streamed chat completions.
            model_settings=ModelSettings(include_usage=True),
            tools=list(tools),
        )
        result = await _run(agent, prompt, way.streamed, seen)
    return Outcome(
        result.final_output, result.context_wrapper.usage, result.to_input_list()[1:], seen
    )


async def _run(
    agent: Agent[Any], prompt: str, streamed: bool, deltas: dict[str, list[str]]
) -> RunResult | RunResultStreaming:
    config = RunConfig(tracing_disabled=True)
    if not streamed:
        return await Runner.run(agent, prompt, run_config=config)
    result = Runner.run_streamed(agent, prompt, run_config=config)
    async for event in result.stream_events():
        if event.type == "raw_response_event" and event.data.type.endswith(".delta"):
            deltas.setdefault(event.data.type, []).append(getattr(event.data, "delta", ""))
    return result
