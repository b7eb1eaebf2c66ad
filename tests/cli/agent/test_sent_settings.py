"""What convo sends is what the Agents SDK sends for an agent that was made with the model."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from agents import Agent, ModelSettings, OpenAIProvider, RunConfig, Runner
from openai import AsyncOpenAI
from openai.types.shared import Reasoning

from convo_cli.agent.host import AgentHost
from convo_cli.turn.choice import ModelChoice
from tests.cli.agent.asking import KEY, Asker, agent_in, both_apis, both_ways
from tests.server import Answer, OpenAIServer, ToolCall
from tests.server.strict import PROFILES

MODELS = [
    "gpt-4.1",
    "gpt-4o",
    "o3",
    "gpt-5",
    "gpt-5-mini",
    "gpt-5.2-pro",
    "gpt-5.1-chat-latest",
    "gpt-5.6-luna",
    "llama3.2:1b",
    "openai/gpt-oss-20b",
]
HANDOFF = [ToolCall("transfer_to_expert"), Answer("It is 7.")]

FILE = """
    from agents import Agent, ModelSettings
    from openai.types.shared import Reasoning

    plain = Agent(name="Plain")
    own = Agent(name="Own", model="gpt-5-mini")
    firm = Agent(name="Firm", model_settings=ModelSettings(reasoning=Reasoning(effort="high")))
    expert = Agent(name="Expert")
    triage = Agent(name="Triage", handoffs=[expert])
    famed = Agent(name="Expert", model="gpt-5.1")
    famous = Agent(name="Triage", handoffs=[famed])
"""


def sent(server: OpenAIServer) -> list[dict[str, Any]]:
    """All that was asked of the server, but for the conversation itself."""
    requests, server.requests[:] = list(server.requests), []
    conversation = ("messages", "input")
    return [
        {key: value for key, value in request.data.items() if key not in conversation}
        for request in requests
    ]


async def by_hand(
    server: OpenAIServer, agent: Agent[Any], api: str, stream: bool
) -> list[dict[str, Any]]:
    """What the SDK sends for this agent, with convo's one wish: to be told the tokens."""
    async with AsyncOpenAI(api_key=KEY, base_url=server.base_url) as client:
        provider = OpenAIProvider(openai_client=client, use_responses=api == "responses")
        wish = ModelSettings(include_usage=True)
        config = RunConfig(model_provider=provider, model_settings=wish, tracing_disabled=True)
        if stream:
            result = Runner.run_streamed(agent, "Hello?", run_config=config)
            _ = [event async for event in result.stream_events()]
        else:
            await Runner.run(agent, "Hello?", run_config=config)
    return sent(server)


@both_apis
@both_ways
@pytest.mark.parametrize("model", MODELS)
async def test_a_plain_question(
    openai_server: OpenAIServer, asker: Asker, model: str, api: str, stream: bool
) -> None:
    await asker.ask(model=model, api=api, stream=stream)
    mine = sent(openai_server)
    agent = Agent[Any](name="by hand", model=model)
    assert mine == await by_hand(openai_server, agent, api, stream)


@pytest.mark.parametrize("model", MODELS)
async def test_the_only_model_of_a_server(model: str) -> None:
    with OpenAIServer(models=[model]) as server:
        await Asker(server.base_url).ask(model=None)
        mine = sent(server)[-1]
        assert [mine] == await by_hand(
            server, Agent[Any](name="by hand", model=model), "chat", True
        )


@both_apis
@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5", "llama3.2:1b"])
@pytest.mark.parametrize("name", ["plain", "own", "firm", "triage", "famous"])
@pytest.mark.parametrize("is_chosen", [True, False], ids=["-m", "configured"])
async def test_an_agent_of_a_file(
    openai_server: OpenAIServer,
    asker: Asker,
    tmp_path: Path,
    name: str,
    model: str,
    api: str,
    is_chosen: bool,
) -> None:
    by_name: Mapping[str, Agent[Any]] = {
        "plain": Agent(name="Plain", model=model),
        "own": Agent(name="Own", model=model if is_chosen else "gpt-5-mini"),
        "firm": Agent(
            name="Firm",
            model=model,
            model_settings=ModelSettings(reasoning=Reasoning(effort="high")),
        ),
        "triage": Agent(name="Triage", model=model, handoffs=[Agent(name="Expert", model=model)]),
        "famous": Agent(
            name="Triage",
            model=model,
            handoffs=[Agent(name="Expert", model=model if is_chosen else "gpt-5.1")],
        ),
    }
    # An agent's own settings are sent whether the model takes them or not.
    openai_server.profile = PROFILES["vllm"]
    steps = HANDOFF if by_name[name].handoffs else [Answer("It is 7.")]
    openai_server.script(*steps)
    reference = replace(agent_in(tmp_path, FILE), name=name)
    await asker.ask(model=model, api=api, agent=reference, is_chosen=is_chosen)
    mine = sent(openai_server)
    openai_server.script(*steps)
    assert mine == await by_hand(openai_server, by_name[name], api, True)


async def test_settings_that_were_given_come_before_those_of_the_sdk(
    openai_server: OpenAIServer, asker: Asker, tmp_path: Path
) -> None:
    settings = {"reasoning": {"effort": "minimal"}, "verbosity": "high"}
    await asker.ask(model="gpt-5", agent=replace(agent_in(tmp_path, FILE), name="plain"))
    await asker.ask(model="gpt-5", settings=settings)
    first, second = sent(openai_server)
    assert (first["reasoning_effort"], first["verbosity"]) == ("low", "low")
    assert (second["reasoning_effort"], second["verbosity"]) == ("minimal", "high")


async def test_an_agent_changes_models_from_turn_to_turn(
    openai_server: OpenAIServer, asker: Asker, tmp_path: Path
) -> None:
    reference = replace(agent_in(tmp_path, FILE), name="plain")
    async with AgentHost() as host:
        for model in ("gpt-5", "gpt-4.1", "gpt-5"):
            choice = ModelChoice(model=model, base_url=asker.base_url, agent=reference)
            await host.run_turn(choice, [], "Hello?", lambda _: None)
    efforts = [body.get("reasoning_effort") for body in sent(openai_server)]
    assert efforts == ["low", None, "low"]
