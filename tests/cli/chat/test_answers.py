"""The interactive chat against a real server: answers, interruptions, faults."""

from __future__ import annotations

from threading import Event

import pytest

from tests.cli.chat.at_terminal import BACKSPACE, CTRL_C, CTRL_D, ENTER, ChatAtTerminal
from tests.cli.chat.test_interactive import texts
from tests.program import Program
from tests.server import Answer, Fault, OpenAIServer

HOSTILE = "\x1b[31mred\x1b]52;c;aGk=\x07\x9b2J \u202eevil [bold]not bold[/bold] 日本"


@pytest.fixture
def served(convo: Program, openai_server: OpenAIServer) -> Program:
    """The program, whose model is on the test server."""
    convo.env.update(openai_server.environ, CONVO_MODEL="test-model", CONVO_SESSION="talk")
    return convo


def test_ctrl_c_stops_the_answer_and_not_the_chat(
    served: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(Fault.stall(after="It was a dark"), Fault.stall())
    with ChatAtTerminal(served) as chat:
        chat.ready("talk:main 1>")
        chat.type("Tell me a story" + ENTER)
        chat.see("^It was a dark$")
        chat.type(CTRL_C)
        assert chat.ready("talk:main 1>")[-2:] == [
            "stopped; /retry asks it again, /keep keeps what came",
            "",
        ]
        openai_server.wait_for_hang_up()
        chat.type("Another" + ENTER)
        chat.see("^waiting for the answer; Ctrl-C stops it$")
        chat.type(CTRL_C)
        assert chat.ready("talk:main 1>")[-2:] == ["stopped; /retry asks it again", ""]
        assert chat.say("A short one", "talk:main 2>")[0] == "Answer 1 to: A short one"
        assert chat.leave() == 0
    assert texts(served) == ["A short one"]


def test_a_failed_turn_leaves_the_history_as_it_was(
    served: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(Answer("First."), Fault.status(401), Fault.cut_after("Par"))
    with ChatAtTerminal(served, columns=160) as chat:
        chat.ready("talk:main 1>")
        chat.say("One?", "talk:main 2>")
        (refused,) = chat.say("Two?", "talk:main 2>")
        assert refused.startswith("convo: ")
        assert "401" in refused
        partial, lost = chat.say("Two, please?", "talk:main 2>")
        assert partial == "Par"
        assert lost.startswith("convo: the connection to http://127.0.0.1")
        assert chat.say("Three?", "talk:main 3>") == ["Answer 2 to: Three?"]
        assert chat.leave() == 0
    assert openai_server.requests[-1].user_texts == ["One?", "Three?"]
    assert texts(served) == ["One?", "Three?"]


def test_an_answer_cannot_command_the_terminal(
    served: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(Answer(HOSTILE, size=1))
    with ChatAtTerminal(served) as chat:
        chat.ready("talk:main 1>")
        assert chat.say("Be evil", "talk:main 2>")[0] == (
            r"\x1b[31mred\x1b]52;c;aGk=\x07\x9b2J \u202eevil [bold]not bold[/bold] 日本"
        )
        for unsafe in (b"\x1b[31mred", b"\x1b]", b"\x07", "\x9b".encode(), "\u202e".encode()):
            assert unsafe not in chat.raw


def test_what_is_typed_during_an_answer_is_for_the_next_prompt(
    served: Program, openai_server: OpenAIServer
) -> None:
    gate = Event()
    openai_server.script(Answer("First.", gate=gate))
    with ChatAtTerminal(served) as chat:
        chat.ready("talk:main 1>")
        chat.type("One?" + ENTER)
        openai_server.wait_for_requests(1)
        chat.type("Trwo" + BACKSPACE * 3 + "wo" + ENTER + "/help" + ENTER + CTRL_D)
        gate.set()
        assert chat.end() == 0
        answers = chat.text.partition("One?\n")[2]
        assert answers.startswith(
            "First.\nstarted session 'talk'\n\n"
            "talk:main 2> Two\nAnswer 2 to: Two\n\n"
            "talk:main 3> /help\n/help "
        )
