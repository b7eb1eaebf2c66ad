"""Tools that ask for a line get one on a terminal, and an empty stdin elsewhere."""

from __future__ import annotations

import pytest

from tests.cli.chat.at_terminal import CTRL_C, CTRL_D, ENTER, ChatAtTerminal
from tests.program import Program, ended
from tests.server import Answer, OpenAIServer, Request, ToolCall

DESK = """
import sys
from getpass import getpass
import typer
from agents import Agent, function_tool

@function_tool
def plain() -> str:
    return f"<{input('Who? ')}>"

@function_tool
async def waiting() -> str:
    return f"<{input('Who? ')}>"

@function_tool
def line() -> str:
    print("Who? ", end="")
    return f"<{sys.stdin.readline().rstrip()}>"

@function_tool
def hidden() -> str:
    return f"<{getpass('Who? ')}>"

@function_tool
def prompt() -> str:
    return f"<{typer.prompt('Who?', prompt_suffix=' ')}>"

agent = Agent(name="Desk", tools=[plain, waiting, line, hidden, prompt])
"""
TOOLS = ["plain", "waiting", "line", "hidden", "prompt"]


def told(request: Request) -> Answer | ToolCall:
    """Calls the tool that was named, and says what tools have returned."""
    outputs = [str(item["content"]) for item in request.items if item["role"] == "tool"]
    asked = request.items[-1]["role"] == "user"
    return ToolCall(request.user_texts[-1]) if asked else Answer(f"It said {outputs[-1]}")


@pytest.fixture
def desk(convo: Program, openai_server: OpenAIServer) -> Program:
    """The program, with an agent whose tools ask."""
    openai_server.script(*[told] * 12)
    convo.env.update(openai_server.environ, CONVO_MODEL="test-model", CONVO_SESSION="talk")
    (convo.home / "desk.py").write_text(DESK)
    return convo


def test_in_the_chat_the_question_is_shown_and_answered(desk: Program) -> None:
    with ChatAtTerminal(desk, "-a", "desk.py") as chat:
        chat.ready("talk:main 1>")
        for turn, tool in enumerate(TOOLS, 1):
            chat.type(tool + ENTER)
            chat.see(rf"{tool}\({{}}\)(.*\n)*Who\?$")
            chat.type("Ada" + ENTER)
            shown = chat.ready(f"talk:main {turn + 1}>")
            assert "It said <Ada>" in shown
            assert ("Who? Ada" in shown) is (tool != "hidden"), shown
        assert chat.leave() == 0


@pytest.mark.parametrize("tool", TOOLS)
def test_ctrl_c_ends_the_turn_and_the_line_is_the_chats_again(desk: Program, tool: str) -> None:
    with ChatAtTerminal(desk, "-a", "desk.py") as chat:
        chat.ready("talk:main 1>")
        chat.type(tool + ENTER)
        chat.see(r"Who\?$")
        chat.type(CTRL_C)
        assert any(line.startswith("stopped; ") for line in chat.ready("talk:main 1>"))
        chat.type("/help" + ENTER)
        chat.ready("talk:main 1>")
        assert chat.leave() == 0
        assert chat.modes_now() == chat.modes


def test_ctrl_d_ends_the_input_of_the_tool_and_not_the_chat(desk: Program) -> None:
    with ChatAtTerminal(desk, "-a", "desk.py") as chat:
        chat.ready("talk:main 1>")
        chat.type("plain" + ENTER)
        chat.see(r"Who\?$")
        chat.type(CTRL_D)
        assert "✗ plain: EOFError: EOF when reading a line (desk.py:9)" in chat.ready(
            "talk:main 2>"
        )
        assert chat.leave() == 0


@pytest.mark.parametrize("tool", TOOLS)
def test_one_turn_on_a_terminal_lends_it_too(desk: Program, tool: str) -> None:
    child = desk.at_terminal("chat", "-a", str(desk.home / "desk.py"), tool)
    child.expect_exact("Who? ")
    child.sendline("Ada")
    child.expect_exact("It said <Ada>")
    assert ended(child) == 0


@pytest.mark.parametrize("tool", TOOLS)
def test_without_a_terminal_stdin_is_empty(desk: Program, tool: str) -> None:
    done = desk("chat", "-a", desk.home / "desk.py", tool, stdin="")
    assert done.code == 0
    said = "It said <>" if tool == "line" else "It said An error occurred"
    assert done.out.startswith(said)
