"""Asking again in the chat: what failed, what was answered, and the same in other words."""

from __future__ import annotations

import signal

import pytest

from tests.cli.chat.at_terminal import CTRL_C, ENTER, ChatAtTerminal
from tests.cli.chat.test_interactive import texts
from tests.program import Program
from tests.server import Answer, Fault, OpenAIServer


@pytest.fixture
def served(convo: Program, openai_server: OpenAIServer) -> Program:
    """The program, whose model is on the test server."""
    convo.env.update(openai_server.environ, CONVO_MODEL="test-model", CONVO_SESSION="talk")
    return convo


def test_a_closed_terminal_loses_nothing(served: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(Fault.stall(after="It was a dark"), Answer("Once upon a time."))
    with ChatAtTerminal(served) as chat:
        chat.ready("talk:main 1>")
        chat.type("Tell me a story" + ENTER)
        chat.see("^It was a dark$")
        assert chat.close_window() == 128 + signal.SIGHUP
    with ChatAtTerminal(served, columns=160) as chat:
        assert chat.ready("talk:main 1>")[-1] == (
            "turn 1, 'Tell me a story', was interrupted after 13 characters of its answer; "
            "/retry asks it again, /show --waiting shows it"
        )
        assert chat.say("/show --waiting", "talk:main 1>")[-4:] == [
            *("User", "Tell me a story"),
            *("Assistant", "It was a dark"),
        ]
        assert chat.say("/retry", "talk:main 2>") == [
            "asking again: 'Tell me a story'",
            "Once upon a time.",
            "started session 'talk'",
        ]
        assert chat.say("/show --waiting", "talk:main 2>") == [
            "convo: no turn waits to be asked again on branch 'main'; "
            "a turn does that fails or is interrupted"
        ]
        assert chat.say("/retry", "talk:retry-1 2>")[-1] == "switched to new branch 'retry-1'"
        assert chat.leave() == 0
    assert texts(served) == ["Tell me a story"]


def test_a_failed_turn_is_asked_again(served: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(Fault.cut_after("Par"), Answer("Paris."))
    with ChatAtTerminal(served, columns=160) as chat:
        chat.ready("talk:main 1>")
        assert chat.say("France?", "talk:main 1>")[-1].endswith("; /retry asks it again")
        assert chat.say("/retry other-model", "talk:main 2>")[1] == "Paris."
    assert openai_server.requests[-1].body["model"] == "other-model"
    assert openai_server.requests[-1].user_texts == ["France?"]


def test_an_edit_is_asked_in_a_branch(paris: Program) -> None:
    with ChatAtTerminal(paris, "-b", "main") as chat:
        chat.ready("paris:main 4>")
        chat.type("/edit 1" + ENTER)
        chat.see(r"^paris:main edit 1> What is the capital of France\?$")
        chat.type(" Really?" + ENTER)
        chat.ready("paris:what-is-the-capital-of 2>")
        chat.see("^switched to new branch 'what-is-the-capital-of'")
        assert chat.leave() == 0
    assert texts(paris, "-b", "what-is-the-capital-of") == [
        "What is the capital of France? Really?"
    ]


def test_an_edit_is_cancelled(paris: Program) -> None:
    with ChatAtTerminal(paris, "--turn", "2") as chat:
        chat.see(r"^paris:tourism edit 2> Any sights\?$")
        chat.type(CTRL_C)
        assert "turn 2 stays as it is" in chat.ready("paris:tourism 3>")
        assert chat.say("/edit 9", "paris:tourism 3>") == [
            "convo: no turn 9 on branch 'tourism': it has turns 1-2"
        ]
        assert chat.leave() == 0
    assert texts(paris)[-1] == "Any sights?"
