"""Which agent of a file is meant where no name says so."""

from types import ModuleType

import pytest

from convo_cli.agent.finding import find_agent
from convo_cli.turn.errors import ChoiceError, SeveralAgentsError
from convo_cli.turn.reference import AgentReference

AGENTS = """
from collections.abc import AsyncIterator
from agents import Agent, handoff
a, b, c = (Agent(name=name) for name in "ABC")
"""


def found(source: str, name: str | None = None) -> str:
    module = ModuleType("desk")
    exec(AGENTS + source, vars(module))
    return find_agent(AgentReference(module="desk", name=name), module).name


MEANT = {
    "c.handoffs = [a, b]": "c",
    "b.handoffs = [a, handoff(c)]; a.handoffs = [b]; c.handoffs = [b]": "b",
    "c.tools = [a.as_tool('a', ''), b.as_tool('b', '')]": "c",
    "b.handoffs = [c]; c.handoffs = [a]": "b",
    "b.handoffs = [c]": "b",
    "agent = Agent(name='Desk')": "agent",
    "agent = Agent(name='Desk'); b.handoffs = [agent, a, c]": "b",
    "agent = Agent(name='Desk'); b.handoffs = [a]": "b",
    "a = b = c = None\ndef build(): return Agent(name='Desk')": "build",
    "a = b = c = None\ndef desk() -> Agent: return Agent(name='Desk')": "desk",
    "a = b = c = None\nasync def desk(n=1) -> 'AsyncIterator[Agent[None]]': yield 1": "desk",
    "a = b = c = None\ndef other() -> Agent: ...\ndef build_agent() -> Agent: ...": "build_agent",
    "a = b = c = None\nasync def main(): ...": "main",
}


@pytest.mark.parametrize("source", MEANT)
def test_the_agent_that_leads_to_the_others(source: str) -> None:
    assert found(source) == MEANT[source]


@pytest.mark.parametrize("source", ["", "a.handoffs = [b]; c.handoffs = [b]"])
def test_where_none_leads_they_are_listed(source: str) -> None:
    with pytest.raises(SeveralAgentsError, match="'desk' has 3 agents") as caught:
        found(source)
    assert caught.value.names == ("a", "b", "c")
    assert caught.value.hint == "name one: :a, :b, :c"
    assert found(source, "b") == "b"


def test_a_program_that_needs_arguments_says_which() -> None:
    with pytest.raises(ChoiceError, match="'desk' has no agent") as caught:
        found("a = b = c = None\nasync def main(prompt: str, stream: bool): ...")
    assert caught.value.hint == "its main() is called without arguments, but needs prompt, stream"


REFUSED = {
    "def build(city, days): ...": "'build' in 'desk' needs city, days",
    "build = 3": "'build' in 'desk' is no Agent but a int",
    "def biuld(): ...": "'desk' has no agent 'build'",
}


@pytest.mark.parametrize("source", REFUSED)
def test_a_name_that_makes_no_agent(source: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        found(source, "build")
    assert str(caught.value) == REFUSED[source]
