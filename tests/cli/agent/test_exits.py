"""The code of an agent does not end the program, and what its tools raise is told."""

from pathlib import Path

import pytest

from convo_cli.turn.events import ToolFailed, ToolReturned
from tests.cli.agent.asking import Asker, agent_in, both_ways
from tests.server import Answer, OpenAIServer, ToolCall

TOOL = """
    import asyncio, os, sys
    from agents import Agent, function_tool

    @function_tool
    {kind} leave() -> str:
        {how}

    agent = Agent(name="Desk", tools=[leave])
"""

ENDINGS = {
    "sys.exit(3)": "SystemExit: 3",
    "exit()": "SystemExit",
    "os._exit(3)": "SystemExit: 3",
    "raise KeyboardInterrupt": "KeyboardInterrupt",
}


@both_ways
@pytest.mark.parametrize("kind", ["def", "async def"])
@pytest.mark.parametrize("how", ENDINGS)
async def test_a_tool_that_ends_the_program_fails_the_turn(
    openai_server: OpenAIServer,
    asker: Asker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
    kind: str,
    stream: bool,
) -> None:
    monkeypatch.chdir(tmp_path)
    openai_server.script(ToolCall("leave"))
    agent = agent_in(tmp_path, TOOL.format(kind=kind, how=how))
    error = await asker.fail(stream=stream, agent=agent)
    assert str(error).startswith("the tool leave failed: desk.py:7: " + ENDINGS[how]), error


ELSEWHERE = {
    "instructions=lambda wrapper, agent: sys.exit(3)": "the agent ended itself: desk.py:4: "
    "SystemExit: 3",
    "input_guardrails=[InputGuardrail(lambda *_: sys.exit(3))]": "the agent ended itself: "
    "desk.py:4: SystemExit: 3",
}


@both_ways
@pytest.mark.parametrize("where", ELSEWHERE)
async def test_other_code_of_an_agent_does_not_end_the_program_either(
    asker: Asker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, stream: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    source = (
        f"import sys\nfrom agents import Agent, InputGuardrail\n\nagent = Agent('Desk', {where})"
    )
    error = await asker.fail(stream=stream, agent=agent_in(tmp_path, source))
    assert str(error).startswith(ELSEWHERE[where]), error


RAISING = """
    from agents import Agent, function_tool

    def explain(context, error):
        return f"sorry: {{error}}"

    @function_tool{how}
    {kind} book(city: str) -> str:
        raise ValueError(f"no such city: {{city}}")

    agent = Agent(name="Desk", tools=[book])
    {more}
"""
ANSWERED = {
    "": "An error occurred while running the tool. Please try again.",
    "(failure_error_function=explain)": "sorry: no such city: Oz",
}
NESTED = "agent = Agent(name='Boss', tools=[agent.as_tool('book', 'Books.')])"


@both_ways
@pytest.mark.parametrize("kind", ["def", "async def"])
@pytest.mark.parametrize("how", ANSWERED)
async def test_what_a_tool_raises_is_told_to_the_person(
    openai_server: OpenAIServer,
    asker: Asker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
    kind: str,
    stream: bool,
) -> None:
    monkeypatch.chdir(tmp_path)
    source = RAISING.format(how=how, kind=kind, more="")
    openai_server.script(ToolCall("book", {"city": "Oz"}), Answer("No luck."))
    await asker.ask(stream=stream, agent=agent_in(tmp_path, source))
    told = ToolFailed("book", "ValueError: no such city: Oz (desk.py:9)")
    assert asker.events.count(told) == 1
    assert ToolReturned("book", ANSWERED[how]) in asker.events


async def test_a_tool_of_an_agent_that_is_a_tool_is_told_of_too(
    openai_server: OpenAIServer, asker: Asker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = RAISING.format(how="", kind="def", more=NESTED)
    inner = [ToolCall("book", {"city": "Oz"}), Answer("No.")]
    openai_server.script(ToolCall("book", {"input": "Oz"}), *inner, Answer("No luck."))
    await asker.ask(agent=agent_in(tmp_path, source))
    assert ToolFailed("book", "ValueError: no such city: Oz (desk.py:9)") in asker.events
