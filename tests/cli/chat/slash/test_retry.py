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
            "1 prompt waits: turn 1, 'Tell me a story', was interrupted after 13 characters of its "
            "answer; /retry asks it again, /show --waiting shows it"
        )
        assert chat.say("/show --waiting 1", "talk:main 1 (1 waits)>")[-5:] == [
            *("User", "Tell me a story"),
            *("Assistant", "It was a dark"),
            "was interrupted; /retry 1 asks it again",
        ]
        assert chat.say("/retry", "talk:main 2>") == [
            "asking again: 'Tell me a story'",
            "Once upon a time.",
            "started session 'talk'",
        ]
        assert chat.say("/show --waiting", "talk:main 2>") == ["no prompt waits to be asked again"]
        assert chat.say("/retry", "talk:retry-1 2>")[-1] == "switched to new branch 'retry-1'"
        assert chat.leave() == 0
    assert texts(served) == ["Tell me a story"]


def test_a_failed_turn_is_asked_again(served: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(Fault.cut_after("Par"), Answer("Paris."))
    with ChatAtTerminal(served, columns=160) as chat:
        chat.ready("talk:main 1>")
        assert chat.say("France?", "talk:main 1>")[-1].endswith(
            "; /retry asks it again, /keep keeps what came"
        )
        assert chat.say("/retry other-model", "talk:main 2>")[1] == "Paris."
    assert openai_server.requests[-1].body["model"] == "other-model"
    assert openai_server.requests[-1].user_texts == ["France?"]


def test_every_failed_prompt_is_reached_by_its_number(
    served: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(*[Fault.status(401)] * 3)
    with ChatAtTerminal(served, columns=160) as chat:
        chat.ready("talk:main 1>")
        for waits, text in enumerate(("One?", "Two?"), start=1):
            chat.say(text, f"talk:main 1 ({waits} wait{'' if waits > 1 else 's'})>")
        chat.say("/new other", "other:main 1 (2 wait)>")
        chat.say("Three?", "other:main 1 (3 wait)>")
        chat.say("Four?", "other:main 2 (3 wait)>")
        listed = chat.say("/show --waiting", "other:main 2 (3 wait)>")[2:]
        assert [line.split()[:5] for line in listed] == [
            ["1", "One?", "talk", "main", "1"],
            ["2", "Two?", "talk", "main", "1"],
            ["3", "Three?", "other", "main", "1"],
        ]
        again = chat.say("/retry", "other:main 3 (2 wait)>")
        assert again[0] == (
            "asking again: 'Three?'; 'main' has changed since: it is asked as turn 2, at its end"
        )
        chat.type("/retry ")
        chat.see(r"^ *2 +Two\?")
        chat.type("1" + ENTER)
        again = chat.ready("talk:main 2 (1 waits)>")
        assert "now in session 'talk' on branch 'main'" in again
        assert "asking again: 'One?'" in again
        assert chat.say("/retry --drop 2", "talk:main 2>") == ["dropped 'Two?'"]
        assert chat.leave() == 0
    assert texts(served) == ["One?"]
    assert texts(served, "-s", "other") == ["Four?", "Three?"]


def test_a_chat_asks_its_own_prompt_again_and_not_one_of_another_shell(
    served: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(*[Fault.status(401)] * 2)
    with ChatAtTerminal(served, columns=160) as chat:
        chat.ready("talk:main 1>")
        chat.say("Mine?", "talk:main 1 (1 waits)>")
        served("chat", "Another's?").error(5)
        assert chat.say("/retry", "talk:main 2 (1 waits)>")[0] == "asking again: 'Mine?'"
        assert chat.leave() == 0
    assert texts(served) == ["Mine?"]


def test_an_edit_is_asked_in_a_branch(paris: Program) -> None:
    with ChatAtTerminal(paris, "-b", "main") as chat:
        chat.ready("paris:main 4>")
        chat.type("/edit 1" + ENTER)
        chat.see(r"^paris:main edit 1> What is the capital of France\?$")
        chat.type(" Really?" + ENTER)
        chat.ready("paris:what-is-… 2>")
        chat.see("^switched to new branch 'what-is-the-capital-of'")
        assert chat.leave() == 0
    assert texts(paris, "-b", "what-is-the-capital-of") == [
        "What is the capital of France? Really?"
    ]


def test_an_edit_is_cancelled(paris: Program) -> None:
    with ChatAtTerminal(paris, "--turn", "2") as chat:
        chat.see(r"^par…:tour… edit 2> Any sights\?$")
        chat.type(CTRL_C)
        assert "turn 2 stays as it is" in chat.ready("paris:tourism 3>")
        assert chat.say("/edit 9", "paris:tourism 3>") == [
            "convo: no turn 9 on branch 'tourism': it has turns 1-2"
        ]
        assert chat.leave() == 0
    assert texts(paris)[-1] == "Any sights?"
