"""MCP servers that the user has set up, and that a plain chat calls."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from convo.errors import ModelError
from convo_cli.agent.host import AgentHost
from convo_cli.agent.mcp_tools import tools_of
from convo_cli.config.mcp import McpError, McpServer
from convo_cli.turn.choice import ApprovalRequest, ModelChoice
from convo_cli.turn.events import ToolCalled, ToolReturned
from tests.cli.agent.asking import Asker, agent_in
from tests.cli.agent.mcp_programs import desk, desk_at_url
from tests.program import PATIENCE
from tests.server import Answer, OpenAIServer, Request, ToolCall

ADD = ToolCall("mcp_desk__add", {"a": 3, "b": 4})


def with_servers(*servers: McpServer) -> dict[str, Any]:
    return {
        "mcp": tuple(one.name for one in servers),
        "mcp_servers": {one.name: one for one in servers},
    }


def tools_sent(request: Request) -> list[str]:
    return [tool["function"]["name"] for tool in request.data.get("tools", [])]


def outputs(asker: Asker) -> list[str]:
    return [event.output for event in asker.events if isinstance(event, ToolReturned)]


async def test_the_tools_of_a_program(
    openai_server: OpenAIServer,
    asker: Asker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MINE", "shown to it")
    monkeypatch.setenv("A_TOKEN", "kept from it")
    server = desk(tmp_path, asks=False, env=(("ITS", "${MINE}, $$5"),))
    names = [ToolCall("mcp_desk__variable", {"name": name}) for name in ("ITS", "MINE", "A_TOKEN")]
    openai_server.script(Answer(calls=[ADD, *names]), Answer("Done."))
    outcome = await asker.ask(**with_servers(server))
    assert sorted(outputs(asker)) == ["7", "not set", "not set", "shown to it, $5"]
    assert outcome.run.mcp == '["desk"]'
    assert tools_sent(openai_server.requests[0]) == [
        "mcp_desk__add",
        "mcp_desk__variable",
        "mcp_desk__wait",
        "mcp_desk__die",
    ]
    assert (tmp_path / "desk.log").read_text() == "down"
    # What it says of itself is no part of the answer.
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("transport", ["http", "sse"])
async def test_the_tools_of_a_server_at_a_url(
    openai_server: OpenAIServer, asker: Asker, tmp_path: Path, transport: Any
) -> None:
    with desk_at_url(tmp_path, transport, asks=False) as server:
        openai_server.script(ADD, Answer("It is 7."))
        await asker.ask(**with_servers(server))
        assert outputs(asker) == ["7"]
    error = await asker.fail(**with_servers(server))
    assert str(error).startswith("the MCP server 'desk' cannot be used: ")


class Redirecting(BaseHTTPRequestHandler):
    """Sends every request on to another server."""

    there = ""

    def do_POST(self) -> None:
        self.send_response(307)
        self.send_header("Location", self.there)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


async def test_a_redirect_is_not_followed(openai_server: OpenAIServer, asker: Asker) -> None:
    Redirecting.there = f"{openai_server.base_url}/mcp"
    with ThreadingHTTPServer(("127.0.0.1", 0), Redirecting) as elsewhere:
        threading.Thread(target=elsewhere.serve_forever, args=(0.01,), daemon=True).start()
        url = f"http://127.0.0.1:{elsewhere.server_address[1]}/mcp"
        server = McpServer("desk", "http", url=url, headers=(("X-Key", "mine"),))
        await asker.fail(**with_servers(server))
        elsewhere.shutdown()
    assert openai_server.requests == []


async def test_a_call_is_asked_about_unless_the_user_has_said_otherwise(
    openai_server: OpenAIServer, asker: Asker, tmp_path: Path
) -> None:
    asked: list[str] = []

    async def approve(request: ApprovalRequest) -> Any:
        asked.append(request.tool)
        return "no"

    calls = [ADD, ToolCall("mcp_desk__variable", {"name": "NONE"})]
    server = desk(tmp_path, without_approval=frozenset({"variable"}))
    choice = ModelChoice(
        model="test-model", base_url=openai_server.base_url, **with_servers(server)
    )
    openai_server.script(Answer(calls=calls), Answer("Done."))
    async with AgentHost() as host:
        await host.run_turn(choice, [], "Add", asker.events.append, approve)
    assert asked == ["mcp_desk__add"]
    assert sorted(outputs(asker)) == ["Tool execution was not approved.", "not set"]


async def test_two_servers_with_the_same_tools(
    openai_server: OpenAIServer, asker: Asker, tmp_path: Path
) -> None:
    one, other = desk(tmp_path, "one", asks=False), desk(tmp_path, "other", asks=False)
    openai_server.script(ToolCall("mcp_other__add", {"a": 1, "b": 1}), Answer("2"))
    await asker.ask(**with_servers(one, other))
    assert outputs(asker) == ["2"]


async def test_an_agent_is_given_them_beside_its_own_tools(
    openai_server: OpenAIServer, asker: Asker, tmp_path: Path
) -> None:
    source = """
        from agents import Agent, function_tool

        @function_tool
        def add() -> str:
            return "mine"

        agent = Agent(name="Desk", tools=[add])
    """
    choice = ModelChoice(
        model="test-model",
        base_url=openai_server.base_url,
        agent=agent_in(tmp_path, source, "a.py"),
    )
    async with AgentHost() as host:
        for given in (with_servers(desk(tmp_path)), {}):
            one = ModelChoice(
                model=choice.model, base_url=choice.base_url, agent=choice.agent, **given
            )
            await host.run_turn(one, [], "Hi", asker.events.append)
    first, second = map(tools_sent, openai_server.requests)
    assert {"add", "mcp_desk__add"} <= set(first)
    assert second == ["add"]


async def test_they_stay_up_from_turn_to_turn_until_others_are_chosen(
    openai_server: OpenAIServer, asker: Asker, tmp_path: Path
) -> None:
    one, other = desk(tmp_path, "one"), desk(tmp_path, "other")
    url = openai_server.base_url

    def choice(*servers: McpServer) -> ModelChoice:
        return ModelChoice(model="test-model", base_url=url, **with_servers(*servers))

    async with AgentHost() as host:
        up = set()
        for _ in range(2):
            await host.run_turn(choice(one), [], "Hi", asker.events.append)
            up.add((tmp_path / "one.log").read_text())
        assert len(up) == 1
        await host.run_turn(choice(other), [], "Hi", asker.events.append)
        assert (tmp_path / "one.log").read_text() == "down"
        assert (tmp_path / "other.log").read_text().startswith("up")
    assert (tmp_path / "other.log").read_text() == "down"


async def test_one_that_dies_fails_the_turn_and_is_started_again(
    openai_server: OpenAIServer, asker: Asker, tmp_path: Path
) -> None:
    server = desk(tmp_path, asks=False)
    choice = ModelChoice(
        model="test-model", base_url=openai_server.base_url, **with_servers(server)
    )
    openai_server.script(ToolCall("mcp_desk__die"), ADD, Answer("It is 7."))
    async with AgentHost() as host:
        with pytest.raises(ModelError) as caught:
            await host.run_turn(choice, [], "Die", asker.events.append)
        assert str(caught.value) == "an MCP server failed: MCPError: Connection closed"
        assert caught.value.hint == "the next turn starts it again"
        outcome = await host.run_turn(choice, [], "Add", asker.events.append)
    assert outcome.text == "It is 7."
    assert outputs(asker)[-1] == "7"


def program(*command: str, **how: Any) -> McpServer:
    return McpServer("bad", "stdio", command=command[0], args=command[1:], **how)


SAYS = "import sys; sys.exit('\\x1b[31mno token tok-123456')"


@pytest.mark.parametrize(
    ("server", "said"),
    [
        (program("/no/such/program"), "there is no program '/no/such/program'"),
        (program("/"), "'/' cannot be run"),
        (program("false"), "it ended before it answered"),
        (
            program(sys.executable, "-c", SAYS, env=(("TOKEN", "tok-123456"),)),
            "it ended before it answered; it said: no token ***",
        ),
    ],
    ids=["missing", "no-program", "silent", "says-why"],
)
async def test_one_that_cannot_be_started(asker: Asker, server: McpServer, said: str) -> None:
    error = await asker.fail(**with_servers(server))
    assert str(error) == f"the MCP server 'bad' cannot be used: {said}"


async def test_one_that_does_not_answer_is_not_waited_for(
    asker: Asker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_CONNECT_TIMEOUT", "_CLOSE_TIMEOUT"):
        monkeypatch.setattr(f"convo_cli.agent.servers.{name}", 10 * PATIENCE)
    log = tmp_path / "log"
    silent = program("bash", "-c", f"echo $$ > {log}; exec sleep 1000")
    async with asyncio.timeout(PATIENCE):
        turn = asyncio.create_task(asker.ask(**with_servers(silent)))
        while not log.exists():  # noqa: ASYNC110  it is another process
            await asyncio.sleep(0.01)
        turn.cancel()
        with pytest.raises(asyncio.CancelledError):
            await turn
    with pytest.raises(ProcessLookupError):
        os.kill(int(log.read_text()), 0)


async def test_a_variable_that_is_not_set(asker: Asker, tmp_path: Path) -> None:
    server = desk(tmp_path, env=(("TOKEN", "$NOT_SET"),))
    with pytest.raises(McpError, match="the MCP server 'desk' needs NOT_SET, which is not set"):
        await asker.ask(**with_servers(server))


async def test_their_tools_are_listed(tmp_path: Path) -> None:
    server = desk(tmp_path, without_approval=frozenset({"wait"}))
    tools = await tools_of([server])
    assert [(tool.name, tool.description, tool.needs_approval) for tool in tools] == [
        ("add", "Add two numbers.", True),
        ("variable", "", True),
        ("wait", "", False),
        ("die", "", True),
    ]
    assert set(tools[0].schema["properties"]) == {"a", "b"}
    assert (tmp_path / "desk.log").read_text() == "down"


async def test_a_server_that_is_killed_between_turns_is_started_again(
    openai_server: OpenAIServer, asker: Asker, tmp_path: Path
) -> None:
    server = desk(tmp_path, asks=False)
    choice = ModelChoice(
        model="test-model", base_url=openai_server.base_url, **with_servers(server)
    )
    async with AgentHost() as host:
        await host.run_turn(choice, [], "Hi", asker.events.append)
        os.kill(int((tmp_path / "desk.log").read_text().split()[1]), signal.SIGKILL)
        with pytest.raises(ModelError, match="an MCP server failed"):
            await host.run_turn(choice, [], "Hi", asker.events.append)
        openai_server.script(ADD, Answer("It is 7."))
        await host.run_turn(choice, [], "Add", asker.events.append)
    assert [e for e in asker.events if isinstance(e, ToolCalled)][-1].name == "mcp_desk__add"
