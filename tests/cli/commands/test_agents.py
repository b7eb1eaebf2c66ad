"""`convo chat --agent`: the installed program with agents in files of their own."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest

from tests.program import EXECUTABLE, PATIENCE, Program
from tests.server import Answer, Fault, OpenAIServer, ToolCall

DESK = """
    from agents import Agent, function_tool

    @function_tool
    def weather(city: str) -> str:
        print("looking it up")
        return f"Sunny in {city}."

    agent = Agent(name="Desk", instructions="Be brief.", tools=[weather], model="test-model")
"""


def agent_file(convo: Program, source: str, name: str = "desk.py") -> Path:
    file = convo.home / name
    file.write_text(dedent(source))
    return file


@pytest.fixture
def online(convo: Program, openai_server: OpenAIServer) -> Program:
    """The program, where a server answers and nobody chose a model."""
    convo.env.update(openai_server.environ)
    del convo.env["CONVO_MODEL"]
    return convo


def test_an_agent_with_a_tool(online: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(ToolCall("weather", {"city": "Oslo"}), Answer("It is sunny."))
    done = online("chat", "-a", agent_file(online, DESK), "Weather in Oslo?")
    assert (done.code, done.out) == (0, "It is sunny.\n")
    assert done.err.splitlines()[:3] == [
        '→ weather({"city": "Oslo"})',
        "looking it up",
        "← weather: Sunny in Oslo.",
    ]
    (turn,) = json.loads(online("turns", "--json").out)
    assert (turn["tools"], turn["model"], turn["requests"]) == (["weather"], "test-model", 2)
    request = openai_server.requests[0]
    assert request.model == "test-model"
    assert "Be brief." in str(request.data)


def test_the_session_remembers_its_agent(online: Program, openai_server: OpenAIServer) -> None:
    online("chat", "-a", agent_file(online, DESK), "One")
    info = json.loads(online("session", "info", "--json").out)
    assert info["agent"] == str(online.home / "desk.py")
    assert (info["model"], info["base_url"]) == ("test-model", openai_server.base_url)
    assert f"agent     {info['agent']}" in online("session", "info", env={"COLUMNS": "200"}).out
    online("chat", "Two")
    assert "weather" in str(openai_server.requests[1].data["tools"])
    online("chat", "--no-agent", "-m", "test-model", "Three")
    online("chat", "Four")
    assert ["tools" in request.data for request in openai_server.requests[2:]] == [False, False]


def test_an_agent_can_be_tried_offline(convo: Program) -> None:
    done = convo("chat", "-a", agent_file(convo, DESK), "Hi", cwd=convo.home)
    assert done.code == 0
    assert done.out.startswith('This is turn 1. You said "Hi"')
    assert 'My instructions say "Be brief."' in done.out
    assert "weather" in done.out


def test_the_model_and_the_instructions_that_are_given_win(
    online: Program, openai_server: OpenAIServer
) -> None:
    online("chat", "-a", agent_file(online, DESK), "-m", "other", "-i", "Be long.", "One")
    assert openai_server.requests[0].model == "other"
    assert "Be long." in str(openai_server.requests[0].data)
    assert "Be brief." not in str(openai_server.requests[0].data)
    online("chat", "Two")
    assert openai_server.requests[1].model == "other"
    online("chat", "-a", agent_file(online, DESK), "Three")
    assert openai_server.requests[2].model == "test-model"


def test_the_traceback_is_shown_on_demand(convo: Program) -> None:
    agent_file(convo, "1 / 0")
    done = convo("chat", "-a", "desk.py", "Hi", "--debug", cwd=convo.home)
    assert done.code == 2
    assert 'desk.py", line 1, in <module>' in done.err


def test_an_agent_that_is_gone(convo: Program) -> None:
    file = agent_file(convo, DESK)
    convo("chat", "-a", file, "One")
    file.unlink()
    said = convo("chat", "Two").error(2)
    assert said == (
        f"the agent of this session is gone: there is no file '{file}'; "
        "name another with --agent, or go on without it with --no-agent"
    )
    assert convo("chat", "--no-agent", "Two").code == 0


LOUD = """
    import subprocess
    from agents import Agent

    print("loading")
    subprocess.run(["echo", "as a program"])
    agent = Agent(name="Desk")
"""


def test_stdout_has_the_answer_alone(convo: Program) -> None:
    done = convo("chat", "-a", agent_file(convo, LOUD), "Hi")
    assert done.out.splitlines() == ['This is turn 1. You said "Hi", and I was sent 1 message.']
    assert done.err.splitlines()[:2] == ["loading", "as a program"]


SERVER = """
    import pathlib
    from mcp.server.mcpserver import MCPServer

    log = pathlib.Path("log")
    log.write_text("up")
    try:
        MCPServer("clock").run()
    finally:
        log.write_text("down")
"""
WITH_SERVER = """
    import sys
    from agents import Agent
    from agents.mcp import MCPServerStdio

    clock = MCPServerStdio(
        name="clock", params={"command": sys.executable, "args": ["clock.py"]},
        client_session_timeout_seconds=60,
    )
    agent = Agent(name="Desk", mcp_servers=[clock])
"""


def test_ctrl_c_closes_the_servers_of_an_agent(
    online: Program, openai_server: OpenAIServer
) -> None:
    agent_file(online, SERVER, "clock.py")
    agent_file(online, WITH_SERVER)
    openai_server.script(Fault.stall(after="It is"))
    command = [EXECUTABLE, "chat", "-a", "desk.py", "-m", "test-model", "What time is it?"]
    with subprocess.Popen(command, cwd=online.home, env=online.env, stdout=subprocess.PIPE) as done:
        assert done.stdout is not None
        assert done.stdout.read(5) == b"It is"
        assert (online.home / "log").read_text() == "up"
        done.send_signal(signal.SIGINT)
        assert done.wait(PATIENCE) == 130
    assert (online.home / "log").read_text() == "down"
    assert online("turns", "--json").out == "[]\n"
