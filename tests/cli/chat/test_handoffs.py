"""After a handoff the chat goes on with the agent that was handed over to."""

from __future__ import annotations

import pytest

from tests.cli.chat.at_terminal import TAB, ChatAtTerminal
from tests.program import Program
from tests.server import Answer, OpenAIServer, ToolCall

DESK = """
from agents import Agent

expert = Agent(name="Expert", instructions="You know.")
clerk = Agent(name="Clerk", instructions="You write.")
triage = Agent(name="Triage", instructions="You ask around.", handoffs=[expert, clerk])
"""


@pytest.fixture
def desk(convo: Program, openai_server: OpenAIServer) -> Program:
    """The program, with agents that hand over to others, and a first turn that did."""
    convo.env.update(openai_server.environ, CONVO_MODEL="test-model", CONVO_SESSION="talk")
    (convo.home / "desk.py").write_text(DESK)
    openai_server.script(ToolCall("transfer_to_expert"), Answer("It is 7."))
    assert convo("chat", "-a", "desk.py", "What is it?", cwd=convo.home).code == 0
    return convo


def instructions(server: OpenAIServer) -> str:
    """Those of the agent that was asked last."""
    return str(server.requests[-1].items[0]["content"])


def test_one_turn_after_the_other_goes_on_with_it(
    desk: Program, openai_server: OpenAIServer
) -> None:
    assert desk("chat", "And then?").code == 0
    assert instructions(openai_server) == "You know."
    assert desk("chat", "-a", "desk.py", "And then?", cwd=desk.home).code == 0
    assert instructions(openai_server) == "You know."
    assert desk("chat", "-a", "desk.py:triage", "And now?", cwd=desk.home).code == 0
    assert instructions(openai_server) == "You ask around."


def test_each_branch_remembers_its_own(desk: Program, openai_server: OpenAIServer) -> None:
    assert desk("chat", "--turn", "1", "Who is it?").code == 0
    assert instructions(openai_server) == "You ask around."
    desk("branch", "--after", "1", "later", "-b", "main")
    assert desk("chat", "And then?").code == 0
    assert instructions(openai_server) == "You know."
    desk("undo", "2")
    assert desk("chat", "Again").code == 0
    assert instructions(openai_server) == "You ask around."


def test_the_prompt_shows_it_and_another_can_be_named(
    desk: Program, openai_server: OpenAIServer
) -> None:
    with ChatAtTerminal(desk, "-a", "desk.py") as chat:
        chat.ready("talk:main 2 @Expert>")
        said = chat.say("/agent", "talk:main 2>")
        assert said == ["the next message goes to Triage; it works with Expert, Clerk"]
        chat.type("/agent Cl")
        chat.see("^ +Clerk$")
        chat.type(TAB)
        chat.see("/agent Clerk$")
        chat.type("\r")
        chat.ready("talk:main 2 @Clerk>")
        chat.say("Write it down", "talk:main 3 @Clerk>")
        assert instructions(openai_server) == "You write."
        assert chat.say("/agent nobody", "talk:main 3 @Clerk>")[0].startswith(
            "convo: no agent 'nobody'"
        )
        chat.say("/branch 1", "talk:turn-1 1>")
        assert chat.leave() == 0
