"""Which host runs a turn of a chat, and what is loaded for it before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from convo.pending.pending import Progress
from convo_cli.agent.host import AgentHost
from convo_cli.ask.hosts import Hosts, host_for
from convo_cli.plain.host import PlainHost
from convo_cli.turn.choice import ModelChoice
from convo_cli.turn.reference import AgentReference
from tests.server import Fault, OpenAIServer

ECHO = ModelChoice(model="echo")
NOTHING = Progress()


@pytest.fixture
def desk(tmp_path: Path) -> ModelChoice:
    file = tmp_path / "desk.py"
    file.write_text("from agents import Agent\nagent = Agent(name='Desk')\n")
    return replace(ECHO, agent=AgentReference(file))


async def test_a_plain_question_and_an_agent(desk: ModelChoice) -> None:
    hosts = Hosts(ECHO)
    hosts.start()
    plain = await hosts.host_for(ECHO, [], NOTHING)
    assert isinstance(plain, PlainHost)
    assert isinstance(await hosts.host_for(desk, [], NOTHING), AgentHost)
    assert await hosts.host_for(ECHO, [], NOTHING) is plain
    await hosts.close()


async def test_the_agent_that_was_chosen_is_loaded_before_it_is_asked(desk: ModelChoice) -> None:
    hosts = Hosts(desk)
    hosts.start()
    host = await hosts.sdk()
    assert await host.names(desk) == ["Desk"]
    await hosts.close()


async def test_what_a_turn_has_done_before_goes_on_in_the_sdk() -> None:
    done = Progress(({"type": "message", "role": "assistant", "content": "Hi"},))
    assert isinstance(host_for(ECHO, [], done), AgentHost)
    assert isinstance(host_for(ECHO, [], NOTHING), PlainHost)


async def test_what_one_way_learns_of_a_server_the_other_knows(
    openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    choice = ModelChoice(model="m", base_url=openai_server.base_url)
    openai_server.script(Fault.status(400, message="Unknown field: stream_options"))
    hosts = Hosts(choice)
    for host in (await hosts.host_for(choice, [], NOTHING), await hosts.sdk()):
        await host.run_turn(choice, [], "Hello?", lambda _: None)
    await hosts.close()
    bodies = [request.data for request in openai_server.requests]
    assert ["stream_options" in body for body in bodies] == [True, False, False]
