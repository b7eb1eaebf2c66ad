"""Agents at work on the test server: tools, handoffs, guardrails, servers and approvals."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from convo.errors import ModelError
from convo_cli.agent.host import AgentHost
from convo_cli.turn.choice import Approval, ApprovalRequest, ModelChoice
from convo_cli.turn.errors import ChoiceError
from convo_cli.turn.events import HandedOff, TextDelta, ToolCalled, ToolReturned
from tests.cli.agent.asking import Asker, agent_in, both_apis, both_ways
from tests.server import Answer, OpenAIServer, ToolCall
from tests.server.strict import PROFILES

TRIAGE = """
    from agents import Agent

    expert = Agent(name="Expert", instructions="You know.", model="expert-model")
    agent = Agent(name="Triage", handoffs=[expert])
"""


@both_apis
@both_ways
async def test_a_handoff(
    openai_server: OpenAIServer, asker: Asker, tmp_path: Path, api: str, stream: bool
) -> None:
    openai_server.script(ToolCall("transfer_to_expert"), Answer("It is 7."))
    agent = agent_in(tmp_path, TRIAGE)
    outcome = await asker.ask("What is it?", api=api, stream=stream, agent=agent)
    assert asker.events[0] == HandedOff("Expert")
    assert asker.streamed == outcome.text == "It is 7."
    assert [request.model for request in openai_server.requests] == ["test-model", "expert-model"]
    assert outcome.run.requests == 2
    assert outcome.run.agent == str(tmp_path / "desk.py")


FAULTS = {
    "the tool fails failed: desk.py:6: ValueError: no such city": """
    from agents import Agent, function_tool

    @function_tool(failure_error_function=None)
    def fails() -> str:
        raise ValueError("no such city")

    agent = Agent(name="Desk", tools=[fails])
    """,
    "the guardrail no_maths kept this question from the model": """
    from agents import Agent, GuardrailFunctionOutput, input_guardrail

    @input_guardrail
    async def no_maths(context, agent, input):
        return GuardrailFunctionOutput(output_info=None, tripwire_triggered=True)

    agent = Agent(name="Desk", input_guardrails=[no_maths])
    """,
    "the guardrail no_secrets kept the answer back": """
    from agents import Agent, GuardrailFunctionOutput, output_guardrail

    @output_guardrail
    async def no_secrets(context, agent, output):
        return GuardrailFunctionOutput(output_info=None, tripwire_triggered=True)

    agent = Agent(name="Desk", output_guardrails=[no_secrets])
    """,
    "the agent failed: desk.py:5: KeyError: 'who'": """
    from agents import Agent

    def instructions(context, agent):
        return {}["who"]

    agent = Agent(name="Desk", instructions=instructions)
    """,
    "the model did not do as agreed: Tool fails not found in agent Desk": """
    from agents import Agent

    agent = Agent(name="Desk")
    """,
}


@both_ways
@pytest.mark.parametrize("said", FAULTS)
async def test_what_goes_wrong_in_an_agent_is_one_clear_line(
    openai_server: OpenAIServer,
    asker: Asker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    said: str,
    stream: bool,
) -> None:
    monkeypatch.chdir(tmp_path)
    first = Answer("It is 7.") if "guardrail" in said else ToolCall("fails")
    openai_server.script(first)
    error = await asker.fail(stream=stream, agent=agent_in(tmp_path, FAULTS[said]))
    assert str(error).startswith(said)


STRUCTURED = """
    from agents import Agent, function_tool
    from pydantic import BaseModel

    class Place(BaseModel):
        city: str
        people: int
        tags: list[str]
        rank: float | None = None

    @function_tool
    def look() -> str:
        return "found"

    agent = Agent(name="Desk", output_type=Place, tools=[look])
"""


@both_ways
async def test_a_structured_answer_is_shown_as_the_model_wrote_it(
    openai_server: OpenAIServer, asker: Asker, tmp_path: Path, stream: bool
) -> None:
    written = '{"city": "Oslo",  "people": 7, "tags": [], "rank": null}'
    openai_server.script(Answer("Let me see.", calls=[ToolCall("look")]), Answer(written))
    agent = agent_in(tmp_path, STRUCTURED)
    outcome = await asker.ask(stream=stream, agent=agent)
    assert outcome.text == written
    assert asker.streamed == f"Let me see.{written}"
    assert outcome.items[-1]["content"][0]["text"] == written


async def test_echo_plays_along_with_every_agent(asker: Asker, tmp_path: Path) -> None:
    outcome = await asker.ask("Hi", model="echo", agent=agent_in(tmp_path, STRUCTURED))
    place = json.loads(outcome.text)
    assert place["city"].startswith('This is turn 1. You said "Hi"')
    assert place["city"].endswith("I do not use my tools: look")
    assert (place["people"], place["tags"]) == (0, [])
    outcome = await asker.ask("Hi", model="echo", agent=agent_in(tmp_path, TRIAGE, "t.py"))
    assert outcome.text.endswith("I do not hand over to Expert")


async def test_an_answer_that_a_tool_gave(
    openai_server: OpenAIServer, asker: Asker, tmp_path: Path
) -> None:
    source = """
    from agents import Agent, function_tool

    @function_tool
    def look() -> str:
        return "found"

    agent = Agent(name="Desk", tools=[look], tool_use_behavior="stop_on_first_tool")
    """
    openai_server.script(ToolCall("look"))
    outcome = await asker.ask(agent=agent_in(tmp_path, source))
    assert outcome.text == asker.streamed == "found"


OWN_MODEL = """
    from agents import Agent, OpenAIChatCompletionsModel
    from openai import AsyncOpenAI

    client = AsyncOpenAI(base_url={url!r}, api_key="none")
    agent = Agent(name="Desk", model=OpenAIChatCompletionsModel("mine", client))
"""


async def test_a_model_that_the_agent_brings_along_needs_no_key(
    openai_server: OpenAIServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    agent = agent_in(tmp_path, OWN_MODEL.format(url=openai_server.base_url))
    async with AgentHost() as host:
        outcome = await host.run_turn(ModelChoice(agent=agent), [], "Hi", lambda _: None)
    await sys.modules["_agent_of_convo_desk"].client.close()
    assert (outcome.run.model, outcome.run.base_url) == ("mine", None)
    assert openai_server.requests[0].model == "mine"


async def test_settings_are_sent_and_checked(
    openai_server: OpenAIServer, asker: Asker, tmp_path: Path
) -> None:
    openai_server.profile = PROFILES["vllm"]
    settings = {"temperature": 0.2, "reasoning": {"effort": "low"}, "extra_body": {"top_k": 4}}
    await asker.ask(api="responses", settings=settings, agent=agent_in(tmp_path, TRIAGE))
    sent = openai_server.requests[0].data
    assert (sent["temperature"], sent["reasoning"]["effort"], sent["top_k"]) == (0.2, "low", 4)
    with pytest.raises(ChoiceError, match="the setting verbosity cannot be 'loud'"):
        await asker.ask(settings={"verbosity": "loud"})


SHY = """
    from agents import Agent, function_tool

    calls = []

    @function_tool(needs_approval=True)
    def delete(path: str) -> str:
        calls.append(path)
        return f"deleted {path}"

    agent = Agent(name="Desk", tools=[delete])
"""


class Person:
    """Decides about calls, in this order, and remembers what was asked."""

    def __init__(self, *answers: Approval) -> None:
        self.answers = list(answers)
        self.asked: list[ApprovalRequest] = []

    async def __call__(self, request: ApprovalRequest) -> Approval:
        self.asked.append(request)
        return self.answers.pop(0)


def steps(*paths: str) -> list[Any]:
    return [*(ToolCall("delete", {"path": path}) for path in paths), Answer("Done.")]


@both_apis
@both_ways
async def test_an_approved_call_goes_on_within_the_turn(
    openai_server: OpenAIServer, asker: Asker, tmp_path: Path, api: str, stream: bool
) -> None:
    openai_server.script(*steps("a", "b"))
    person = Person("yes", "no")
    choice = ModelChoice(
        model="test-model",
        base_url=asker.base_url,
        api=api,  # type: ignore[arg-type]
        stream=stream,
        agent=agent_in(tmp_path, SHY),
    )
    async with AgentHost() as host:
        outcome = await host.run_turn(choice, [], "Delete a, b", asker.events.append, person)
    assert [request.tool for request in person.asked] == ["delete", "delete"]
    assert json.loads(person.asked[0].arguments) == {"path": "a"}
    kinds = [item.get("type", item.get("role")) for item in outcome.items]
    call = ["function_call", "function_call_output"]
    assert kinds == ["user", *call, *call, "message"]
    assert outcome.items[2]["output"] == "deleted a"
    assert "not approved" in outcome.items[4]["output"]
    assert (outcome.run.requests, outcome.run.total_tokens) == (3, 45)
    assert len(outcome.run.request_entries) == 3
    assert sum(isinstance(event, ToolCalled) for event in asker.events) == 2
    assert asker.events.count(ToolReturned("delete", "deleted a")) == 1
    assert asker.events[-1] == TextDelta("Done.")


async def test_always_holds_until_the_host_is_closed(
    openai_server: OpenAIServer, asker: Asker, tmp_path: Path
) -> None:
    openai_server.script(*steps("a", "b"), *steps("c"))
    person = Person("always")
    choice = ModelChoice(model="test-model", base_url=asker.base_url, agent=agent_in(tmp_path, SHY))
    async with AgentHost() as host:
        first = await host.run_turn(choice, [], "Delete a, b", lambda _: None, person)
        await host.run_turn(choice, first.items, "And c", lambda _: None, person)
    assert len(person.asked) == 1
    outputs = [item for item in openai_server.requests[-1].items if "deleted" in str(item)]
    assert len(outputs) == 3


async def test_nobody_approves_unasked(
    openai_server: OpenAIServer, asker: Asker, tmp_path: Path
) -> None:
    openai_server.script(*steps("a"))
    outcome = await asker.ask(agent=agent_in(tmp_path, SHY))
    assert "not approved" in outcome.items[2]["output"]


SERVER = """
    import pathlib, sys
    from mcp.server.mcpserver import MCPServer

    log = pathlib.Path(sys.argv[1])
    server = MCPServer("clock")

    @server.tool()
    def time() -> str:
        return "ten past ten"

    log.write_text("up")
    try:
        server.run()
    finally:
        log.write_text("down")
"""
WITH_SERVER = """
    import sys
    from agents import Agent
    from agents.mcp import MCPServerStdio

    clock = MCPServerStdio(
        name="clock", params={"command": sys.executable, "args": [%r, %r]},
        client_session_timeout_seconds=60,
    )
    agent = Agent(name="Desk", mcp_servers=[clock])
"""


@pytest.fixture
def with_server(tmp_path: Path) -> ModelChoice:
    script, log = tmp_path / "clock_server.py", tmp_path / "log"
    script.write_text(dedent(SERVER))
    return ModelChoice(
        model="test-model", agent=agent_in(tmp_path, WITH_SERVER % (str(script), str(log)))
    )


async def test_a_server_of_tools_is_kept_between_turns_and_closed(
    openai_server: OpenAIServer, asker: Asker, with_server: ModelChoice, tmp_path: Path
) -> None:
    choice = replace(with_server, base_url=asker.base_url)
    openai_server.script(ToolCall("time"), Answer("Ten."), ToolCall("nothing"), Answer("Ten."))
    async with AgentHost() as host:
        await host.run_turn(choice, [], "What time?", asker.events.append)
        assert "ten past ten" in str(asker.events[1])
        with pytest.raises(Exception, match="did not do as agreed"):
            await host.run_turn(choice, [], "And now?", asker.events.append)
        outcome = await host.run_turn(choice, [], "And now?", asker.events.append)
        assert outcome.text == "Ten."
        assert (tmp_path / "log").read_text() == "up"
    assert (tmp_path / "log").read_text() == "down"


async def test_a_server_of_tools_that_does_not_start(
    openai_server: OpenAIServer, asker: Asker, tmp_path: Path
) -> None:
    source = WITH_SERVER % ("no_such_file.py", "-")
    error = await asker.fail(agent=agent_in(tmp_path, source))
    assert str(error).startswith("the MCP server 'clock' of the agent cannot be used: Connection")
    assert openai_server.requests == []


async def test_a_server_of_tools_that_dies_fails_the_turn_and_is_started_again(
    openai_server: OpenAIServer, asker: Asker, with_server: ModelChoice, tmp_path: Path
) -> None:
    script = tmp_path / "clock_server.py"
    script.write_text(script.read_text().replace("return", "import os; os._exit(1)\n    return"))
    choice = replace(with_server, base_url=asker.base_url)
    openai_server.script(ToolCall("time"), Answer("Back."))
    async with AgentHost() as host:
        with pytest.raises(ModelError, match="an MCP server of the agent failed: MCPError"):
            await host.run_turn(choice, [], "What time?", asker.events.append)
        outcome = await host.run_turn(choice, [], "And now?", asker.events.append)
    assert outcome.text == "Back."
