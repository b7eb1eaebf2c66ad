"""A tool in a thread cannot be stopped: it is said that it is waited for, and one can leave."""

from __future__ import annotations

import signal
import subprocess

import pytest

from tests.cli.chat.at_terminal import CTRL_C, CTRL_D, ENTER, ChatAtTerminal
from tests.program import EXECUTABLE, PATIENCE, Program
from tests.server import Answer, OpenAIServer, ToolCall

DESK = """
import asyncio
import signal
import time
from pathlib import Path
from agents import Agent, function_tool

END = Path(__file__).with_name("end")

def wait():
    print("begun", flush=True)
    while not END.exists():
        time.sleep(0.05)

@function_tool(name_override="pay")
def blocking() -> str:
    wait()
    return "paid"

@function_tool(name_override="wait")
async def holding() -> str:
    wait()
    return "waited"

@function_tool(name_override="stop_and_wait")
async def stopped() -> str:
    # The loop hears of the signal when it is next idle, and does not become so.
    asyncio.get_running_loop().call_soon(signal.raise_signal, signal.SIGINT)
    await asyncio.sleep(0)
    wait()
    return "waited"

agent = Agent(name="Desk", tools=[blocking, holding, stopped])
"""


@pytest.fixture
def desk(convo: Program, openai_server: OpenAIServer) -> Program:
    """The program, with an agent whose tools block until a file is there."""
    convo.env.update(openai_server.environ, CONVO_MODEL="test-model", CONVO_SESSION="talk")
    (convo.home / "desk.py").write_text(DESK)
    return convo


WAITING = r"^waiting for the tool pay, which has run for \d+ s; Ctrl-C leaves at once$"


def test_the_chat_goes_on_beside_a_tool_that_nothing_can_stop(
    desk: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(ToolCall("pay"), Answer("Fine."))
    with ChatAtTerminal(desk, "-a", "desk.py") as chat:
        chat.ready("talk:main 1>")
        chat.type("Pay" + ENTER)
        chat.see("begun$")
        chat.type(CTRL_C)
        chat.see(r"^nothing can stop the tool pay, which has run for \d+ s, and runs on$")
        chat.ready("talk:main 1>")
        assert "Fine." in chat.say("And you?", "talk:main 2>")
        chat.type(CTRL_D)
        chat.see(WAITING)
        assert chat.modes_now() == chat.modes
        chat.type(CTRL_C)
        assert chat.end() == 130
        assert "Traceback" not in chat.text
    assert desk("turns", "--json").out.count('"turn"') == 1


def test_a_tool_that_ends_after_all_lets_the_chat_end(
    desk: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(ToolCall("pay"))
    with ChatAtTerminal(desk, "-a", "desk.py") as chat:
        chat.ready("talk:main 1>")
        chat.type("Pay" + ENTER)
        chat.see("begun$")
        chat.type(CTRL_C)
        chat.ready("talk:main 1>")
        chat.type(CTRL_D)
        chat.see(WAITING)
        (desk.home / "end").touch()
        assert chat.end() == 0


def test_a_tool_that_holds_the_event_loop_is_interrupted(
    desk: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(ToolCall("wait"))
    with ChatAtTerminal(desk, "-a", "desk.py") as chat:
        chat.ready("talk:main 1>")
        chat.type("Wait" + ENTER)
        chat.see(r"^→ wait\({}\)$")
        chat.type(CTRL_C)
        assert any(line.startswith("stopped; ") for line in chat.ready("talk:main 1>"))
        assert chat.leave() == 0


def test_a_tool_that_begins_to_hold_the_event_loop_at_ctrl_c_is_interrupted(
    desk: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(ToolCall("stop_and_wait"))
    assert desk("chat", "-a", str(desk.home / "desk.py"), "Wait").code == 130


def test_one_turn_is_left_by_a_second_ctrl_c(desk: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(ToolCall("pay"))
    child = subprocess.Popen(
        [EXECUTABLE, "chat", "-a", desk.home / "desk.py", "Pay"],
        env=desk.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stderr is not None
    assert {child.stderr.readline() for _ in range(2)} == {"→ pay({})\n", "begun\n"}
    child.send_signal(signal.SIGINT)
    assert child.stderr.readline().startswith("waiting for the tool pay, which has run for ")
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=PATIENCE)
    assert (child.returncode, out) == (130, "")
    assert err.startswith("convo: interrupted; the tool pay, which has run for ")
    assert desk("turns").error(3) == "no session 'talk'"
