"""The interactive chat asks before it asks a server, or runs an agent, that a database names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.chat.at_terminal import CTRL_C, CTRL_D, ENTER, ChatAtTerminal
from tests.cli.hostile import marking_agent, says_of_held, says_of_session
from tests.program import Program, ended
from tests.server import OpenAIServer


@pytest.fixture
def keyed(convo: Program, openai_server: OpenAIServer) -> Program:
    """The program of a user with a key, on a database that names a server."""
    del convo.env["CONVO_MODEL"]
    convo.env.update(OPENAI_API_KEY="sk-own", NO_PROXY="127.0.0.1", no_proxy="127.0.0.1")
    says_of_session(convo.db, base_url=openai_server.base_url, model="m")
    return convo


def agent_in(convo: Program) -> Path:
    file = marking_agent(convo.home / "theirs")
    says_of_session(convo.db, agent=str(file))
    return file


@pytest.mark.parametrize("typed", ["n" + ENTER, ENTER, CTRL_D, "maybe" + ENTER])
def test_anything_but_a_yes_runs_no_agent(convo: Program, typed: str) -> None:
    file = agent_in(convo)
    with ChatAtTerminal(convo, columns=200) as chat:
        chat.see(r"Run this code\? \[y/N\]")
        assert chat.lines[:2] == [
            "The database names an agent that you have not named on this machine:",
            f"  {file}",
        ]
        chat.type(typed)
        assert chat.end() == 2
    assert not (file.parent / "ran").exists()


def test_ctrl_c_at_the_question_runs_no_agent(convo: Program) -> None:
    file = agent_in(convo)
    with ChatAtTerminal(convo, columns=200) as chat:
        chat.see("Run this code")
        chat.type(CTRL_C)
        assert chat.end() == 130
    assert not (file.parent / "ran").exists()


def test_an_agent_is_asked_about_once(convo: Program) -> None:
    file = agent_in(convo)
    with ChatAtTerminal(convo, columns=200) as chat:
        chat.see("Run this code")
        chat.type("y" + ENTER)
        chat.ready("s:main 2>")
        chat.say("Hi", "s:main 3>")
        assert chat.leave() == 0
    (file.parent / "ran").unlink()
    with ChatAtTerminal(convo, columns=200) as chat:
        chat.ready("s:main 3>")
        chat.say("Hi", "s:main 4>")
        assert "Run this code" not in chat.text
        assert chat.leave() == 0
    assert (file.parent / "ran").exists()


def test_a_one_shot_chat_at_a_terminal_asks_once(
    keyed: Program, openai_server: OpenAIServer
) -> None:
    child = keyed.at_terminal("chat", "Hi", columns=120)
    child.expect_exact("Send it this chat and OPENAI_API_KEY? [y/N] ")
    assert openai_server.requests == []
    child.send("y\r")
    assert ended(child) == 0
    assert keyed("chat", "Hi").code == 0
    assert [request.key for request in openai_server.requests] == ["sk-own", "sk-own"]


def test_a_no_sends_nothing(keyed: Program, openai_server: OpenAIServer) -> None:
    child = keyed.at_terminal("chat", "Hi", columns=120)
    child.expect_exact("[y/N] ")
    child.send("n\r")
    assert ended(child) == 5
    assert openai_server.requests == []


def test_going_to_a_session_asks_before_its_server_is_asked(
    keyed: Program, openai_server: OpenAIServer
) -> None:
    keyed.env["CONVO_MODEL"] = "gpt-5"
    with ChatAtTerminal(keyed, "-s", "mine", columns=200) as chat:
        chat.ready("mine:main 1>")
        chat.type("/session s" + ENTER)
        chat.see(r"\[y/N\]")
        chat.type("n" + ENTER)
        chat.ready("mine:main 1>")
        assert f"convo: the database names the server {openai_server.base_url}" in chat.text
        chat.type("/session s" + ENTER)
        chat.see(r"\[y/N\][^n][\s\S]*\[y/N\]")
        chat.type("y" + ENTER)
        chat.ready("s:main 2>")
        chat.say("Hi", "s:main 3>")
        assert chat.leave() == 0
    assert len(openai_server.requests) == 1


def test_retry_asks_before_it_runs_the_agent_of_a_waiting_turn(convo: Program) -> None:
    file = marking_agent(convo.home / "theirs")
    says_of_held(convo.db, {"agent": str(file)})
    with ChatAtTerminal(convo, columns=200) as chat:
        chat.ready("s:main 2>")
        chat.type("/retry" + ENTER)
        chat.see(r"\[y/N\]")
        chat.type(CTRL_C)
        chat.see("^stopped$")
        assert not (file.parent / "ran").exists()
        assert chat.leave() == 0


def test_an_offline_model_leaves_a_named_server_alone_until_it_would_be_asked(
    keyed: Program, openai_server: OpenAIServer
) -> None:
    with ChatAtTerminal(keyed, "-m", "echo", columns=200) as chat:
        chat.ready("s:main 2>")
        chat.say("Hi", "s:main 3>")
        chat.say("/model m", "s:main 3>")
        chat.type("Hi" + ENTER)
        chat.see(r"\[y/N\]")
        chat.type("y" + ENTER)
        chat.ready("s:main 4>")
        assert chat.leave() == 0
    assert len(openai_server.requests) == 1
