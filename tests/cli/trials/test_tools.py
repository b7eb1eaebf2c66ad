"""What becomes of the tools of an agent in a replay: they count how often they run."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest

from tests.cli.trials.conftest import Models, said, stored
from tests.program import Program, ended
from tests.server import Answer, Fault, OpenAIServer, ToolCall
from tests.server.received import Request
from tests.server.steps import Reply

AGENT = """
from pathlib import Path
from agents import Agent, function_tool

@function_tool
def weather(city: str) -> str:
    "The weather."
    print("looking at", city)
    with Path(__file__).with_name("ran").open("a") as file:
        file.write(f"{city}\\n")
    return f"{city}: rain"

@function_tool(needs_approval=True)
def send(to: str) -> str:
    "Sends it."
    raise AssertionError("nobody has approved this")

agent = Agent(name="desk", tools=[weather, send])
"""
MCP = """
from pathlib import Path
from mcp.server.mcpserver import MCPServer

server = MCPServer("n", log_level="ERROR")

@server.tool()
def count(by: int) -> str:
    "Counts."
    with Path(__file__).with_name("ran").open("a") as file:
        file.write(f"{by}\\n")
    return str(by)

server.run()
"""
CITIES = {"old": "Oslo", "same": "Oslo", "other": "Rome"}


def calling(request: Request) -> Reply:
    """Each model looks at a city of its own, sends what is to be sent, and says what came of it."""
    last = request.body["messages"][-1]
    if last["role"] == "tool":
        return Answer(f"So: {last['content']}")
    if request.user_texts[-1] == "Send":
        return Answer(calls=[ToolCall("send", {"to": "Bob"})])
    return Answer(calls=[ToolCall("weather", {"city": CITIES[request.model]})])


REPLAY = ("replay", "-s", "desk", "-a", "desk.py", "--yes")
CALLS = {
    "Weather?": ("weather", '{"city": "Oslo"}', "Oslo: rain"),
    "Send": ("send", '{"to": "Bob"}', "Tool execution was not approved."),
}
"""What was called in the recorded turns, and what came of it."""


@pytest.fixture
def desk(talk: Program, models: Models, server: OpenAIServer) -> Program:
    """A session in which Oslo was looked at, and nothing was allowed to be sent."""
    models.answer = calling
    (talk.home / "desk.py").write_text(AGENT)
    turns = []
    for number, (asked, (name, arguments, output)) in enumerate(CALLS.items()):
        ids = {"call_id": f"c{number}"}
        call = {"type": "function_call", "name": name, "arguments": arguments, **ids}
        came = {"type": "function_call_output", "output": output, **ids}
        turns.append([said("user", asked), call, came, said("assistant", f"So: {output}")])
    asyncio.run(stored(talk, server, "desk", turns))
    return talk


def ran(program: Program) -> list[str]:
    file = program.home / "ran"
    return file.read_text().split() if file.exists() else []


def outputs(program: Program, branch: str) -> list[str]:
    rows = json.loads(program("show", "1..", "-s", "desk", "-b", branch, "--json").out)
    return [i["output"] for row in rows for i in row["items"] if i["kind"] == "tool_output"]


def test_nothing_runs_twice_and_what_differs_is_refused(desk: Program) -> None:
    done = desk(*REPLAY, "-m", "same", "-m", "other", "--json", cwd=desk.home)
    assert done.code == 0, done.err
    assert [row["turns"] for row in json.loads(done.out)] == [2, 2]
    assert ran(desk) == []
    # A recorded refusal is given back as any other output.
    refused = "Tool execution was not approved."
    assert outputs(desk, "replay-same") == ["Oslo: rain", refused]
    not_run = "This tool was not run: no output of such a call is recorded."
    assert outputs(desk, "replay-other") == [not_run, refused]
    assert 'refused weather({"city": "Rome"}) of other: nobody can be asked' in done.err


def test_a_person_is_asked_about_what_differs(desk: Program) -> None:
    child = desk.at_terminal(
        *("replay", "-s", "desk", "-a", str(desk.home / "desk.py"), "--yes"),
        *("-m", "same", "-m", "other"),
        columns=100,
    )
    child.expect("other wants to call ")
    child.expect("lways for this model, ")
    child.send("y\r")
    assert ended(child) == 0
    assert ran(desk) == ["Rome"]
    assert outputs(desk, "replay-other")[0] == "Rome: rain"


def test_they_run_if_that_is_wanted(desk: Program, server: OpenAIServer) -> None:
    done = desk(*REPLAY, "-m", "same", "--tools", "run", "--json", cwd=desk.home)
    assert done.code == 0, done.err
    assert json.loads(done.out)[0]["turns"] == 2
    # What an agent prints does not get between the rows.
    assert "looking at Oslo" in done.err
    assert ran(desk) == ["Oslo"]
    assert "refused send" in done.err


def test_agents_wait_for_a_server_that_limits_the_rate(desk: Program, server: OpenAIServer) -> None:
    server.requests.clear()
    server.script(*Fault.rate_limited(0.05, times=6))
    done = desk(*REPLAY, "-m", "same", "-m", "other", "--json", cwd=desk.home)
    assert done.code == 0, done.err
    assert [row["turns"] for row in json.loads(done.out)] == [2, 2]
    assert len(server.requests) == 6 + 8


def test_tools_of_mcp_servers_are_held_back_too(talk: Program, models: Models) -> None:
    program = talk.home / "counter.py"
    program.write_text(MCP)
    config = talk.home / "config.toml"
    config.write_text(
        "[mcp.n]\n"
        f"command = {json.dumps(sys.executable)}\n"
        f"args = [{json.dumps(str(program))}]\n"
        'needs_approval = "never"\n'
    )
    talk.env["CONVO_CONFIG"] = str(config)

    def answer(request: Request) -> Reply:
        last = request.body["messages"][-1]
        if last["role"] == "tool":
            return Answer(f"So: {last['content']}")
        by = {"old": 1, "same": 1, "other": 2}[request.model]
        return Answer(calls=[ToolCall("mcp_n__count", {"by": by})])

    models.answer = answer
    line = ["--new", "-s", "desk", "-m", "old", "--mcp", "n"]
    asked = talk("chat", "--no-stdin", *line, "Count")
    assert (asked.code, asked.out) == (0, "So: 1\n"), asked.err
    done = talk("replay", "-s", "desk", "-m", "same", "-m", "other", "--yes", "--json")
    assert done.code == 0, done.err
    assert outputs(talk, "replay-same") == ["1"]
    assert outputs(talk, "replay-other")[0].startswith("This tool was not run")
    assert ran(talk) == ["1"]
