"""Tools that need approval: asked about on the terminal, refused where there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.chat.at_terminal import CTRL_C, ENTER, ChatAtTerminal
from tests.program import Program, ended
from tests.server import Answer, OpenAIServer, ToolCall

SHY = """
from agents import Agent, function_tool

@function_tool(needs_approval=True)
def delete(path: str) -> str:
    return f"deleted {path}"

agent = Agent(name="Desk", tools=[delete])
"""


@pytest.fixture
def shy(convo: Program, openai_server: OpenAIServer) -> Program:
    """The program, with an agent that asks before it deletes."""
    convo.env.update(openai_server.environ, CONVO_MODEL="test-model", CONVO_SESSION="talk")
    (convo.home / "desk.py").write_text(SHY)
    return convo


def calls(*paths: str) -> list[ToolCall | Answer]:
    return [*(ToolCall("delete", {"path": path}) for path in paths), Answer("Done.")]


def outputs(server: OpenAIServer) -> list[str]:
    """What the model was told of its calls, at last."""
    return [str(item["content"]) for item in server.requests[-1].items if item["role"] == "tool"]


def test_a_person_decides(shy: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(*calls("a", "b", "c"), *calls("d"))
    with ChatAtTerminal(shy, "-a", str(shy.home / "desk.py")) as chat:
        chat.ready("talk:main 1>")
        chat.type("Delete them" + ENTER)
        chat.see(r'^Desk wants to call delete\({"path": "a"}\)$')
        chat.see("how the arguments:$")
        chat.type("s")
        chat.see('^  "path": "a"$')
        chat.type("y")
        chat.see(r'^Desk wants to call delete\({"path": "b"}\)$')
        chat.type("n")
        chat.see(r'^Desk wants to call delete\({"path": "c"}\)$')
        chat.type("a")
        shown = chat.ready("talk:main 2>")
        assert "Done." in shown
        assert "Done." in chat.say("And d", "talk:main 3>")
        assert chat.text.count("wants to call") == 3
        # Once in the question, or where nobody was asked, in the line of the call.
        assert [chat.text.count(f'{{"path": "{path}"}}') for path in "abcd"] == [1, 1, 1, 1]
        assert chat.leave() == 0
    assert outputs(openai_server)[-4:] == [
        "deleted a",
        "Tool execution was not approved.",
        "deleted c",
        "deleted d",
    ]
    rows = json.loads(shy("turns", "--json").out)
    assert [(row["requests"], row["total_tokens"]) for row in rows] == [(4, 60), (2, 30)]


def test_ctrl_c_at_the_question_stops_the_turn(shy: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(*calls("a"))
    with ChatAtTerminal(shy, "-a", str(shy.home / "desk.py")) as chat:
        chat.ready("talk:main 1>")
        chat.type("Delete it" + ENTER)
        chat.see("how the arguments:$")
        chat.type(CTRL_C)
        assert "stopped; /retry asks it again" in chat.ready("talk:main 1>")
        assert chat.leave() == 0
    assert len(openai_server.requests) == 1


def test_without_a_terminal_nothing_is_approved(shy: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(*calls("a"))
    done = shy("chat", "-a", shy.home / "desk.py", "Delete a")
    assert (done.code, done.out) == (0, "Done.\n")
    refused = 'refused delete({"path": "a"}): it needs approval, and nobody can be asked'
    assert refused in done.err.splitlines()
    assert outputs(openai_server) == ["Tool execution was not approved."]


def test_one_turn_on_a_terminal_asks_too(
    shy: Program, openai_server: OpenAIServer, tmp_path: Path
) -> None:
    openai_server.script(*calls("a"))
    command = ["chat", "-a", str(shy.home / "desk.py"), "Delete a"]
    child = shy.at_terminal(*command)
    child.expect_exact("how the arguments: ")
    child.sendline("yes")
    child.expect_exact("Done.")
    assert ended(child) == 0
    assert outputs(openai_server) == ["deleted a"]
