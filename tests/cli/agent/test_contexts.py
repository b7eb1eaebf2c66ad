"""The context of an agent: of a file, of JSON, or one without values."""

from pathlib import Path
from textwrap import dedent

import pytest

from convo.errors import ModelError
from convo_cli.agent.host import AgentHost
from convo_cli.turn.choice import ModelChoice
from convo_cli.turn.context_reference import context_reference
from convo_cli.turn.errors import ChoiceError
from convo_cli.turn.reference import agent_reference

DESK = """
    from dataclasses import dataclass
    from agents import Agent, RunContextWrapper

    @dataclass
    class Guest:
        name: str = "nobody"
        nights: int = 0

    def welcome(wrapper: RunContextWrapper[Guest], agent):
        wrapper.context.nights += 1
        return f"{wrapper.context.name} {wrapper.context.nights}"

    agent = Agent(name="Desk", instructions=welcome)
    ada = Guest("Ada")
    def guest(): return Guest("Grace")
    async def late(name="Edsger"): return Guest(name)
"""


NEEDY = """
    from dataclasses import dataclass
    from agents import Agent, RunContextWrapper

    @dataclass
    class Guest:
        name: str

    def welcome(wrapper: RunContextWrapper[Guest], agent):
        return wrapper.context.name

    agent = Agent(name="Desk", instructions=welcome)
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


async def said(context: str | None, source: str = DESK, turns: int = 1) -> str:
    """The last instructions that the agent gave the model."""
    Path("desk.py").write_text(dedent(source))
    choice = ModelChoice(
        model="echo",
        agent=agent_reference("desk.py"),
        context=None if context is None else context_reference(context),
    )
    async with AgentHost() as host:
        for _ in range(turns):
            outcome = await host.run_turn(choice, [], "Hi", lambda _: None)
    return outcome.text.partition('My instructions say "')[2].rstrip('."')


GIVEN = {
    "desk.py:ada": "Ada 1",
    "desk.py:guest": "Grace 1",
    "desk.py:late": "Edsger 1",
    "desk:Guest": "nobody 1",
    '{"name": "Barbara", "nights": 2}': "Barbara 3",
    None: "nobody 1",
}


@pytest.mark.parametrize("context", GIVEN)
async def test_the_ways_to_give_a_context(context: str | None) -> None:
    assert await said(context) == GIVEN[context]


async def test_a_context_lasts_as_long_as_the_chat() -> None:
    assert await said(None, turns=3) == "nobody 3"


async def test_json_for_an_agent_that_says_nothing_of_its_context() -> None:
    source = DESK.replace(": RunContextWrapper[Guest]", "")
    assert await said('{"name": "Ada", "nights": 1}', source) == "Ada 2"


async def test_an_agent_that_needs_values_says_how_to_give_them() -> None:
    with pytest.raises(ModelError, match=r"desk\.py:\d+: AttributeError: 'NoneType'") as caught:
        await said(None, NEEDY)
    assert "--context FILE.py:NAME" in (caught.value.hint or "")


REFUSED = {
    '{"name": 1}': "the context is no Guest: name: Input should be a valid string",
    "{name: 1}": "the context '{name: 1}' is not JSON",
    "desk.py": "the context 'desk.py' has no name",
    "desk.py:bob": "'desk.py' has no 'bob'",
    "none.py:ada": "there is no file 'none.py'",
}


@pytest.mark.parametrize("context", REFUSED)
async def test_a_context_that_cannot_be_used(context: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        await said(context)
    assert str(caught.value) == REFUSED[context]
