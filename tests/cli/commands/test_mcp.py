"""`chat --mcp` and `convo mcp`, as a person uses them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.agent.mcp_programs import desk, toml
from tests.cli.chat.at_terminal import ChatAtTerminal
from tests.core.addresses import execute
from tests.program import EXECUTABLE, PATIENCE, Program, ended
from tests.server import Answer, OpenAIServer, ToolCall

ADD = ToolCall("mcp_desk__add", {"a": 3, "b": 4})


@pytest.fixture
def online(convo: Program, openai_server: OpenAIServer) -> Program:
    """A program that has the MCP server `desk` set up, whose calls are not asked about."""
    convo.env.update(openai_server.environ, CONVO_MODEL="test-model")
    set_up(convo, toml(desk(convo.home), needs_approval='"never"'))
    return convo


def set_up(convo: Program, text: str) -> None:
    file = convo.home / "config.toml"
    file.write_text(text)
    convo.env["CONVO_CONFIG"] = str(file)


def state(convo: Program) -> str:
    log = convo.home / "desk.log"
    return log.read_text() if log.exists() else ""


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()


def test_a_session_goes_on_with_the_servers_that_it_was_asked_with(
    online: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(ADD, Answer("It is 7."), ADD, Answer("Still 7."), Answer("None."))
    first = online("chat", "--mcp", "desk", "Add")
    assert (first.code, first.out) == (0, "It is 7.\n")
    assert first.err.splitlines() == [
        '→ mcp_desk__add({"a": 3, "b": 4})',
        "← mcp_desk__add: 7",
        "started session 'add'",
    ]
    assert json.loads(online("session", "info", "--json").out)["mcp"] == ["desk"]
    assert "MCP servers  desk\n" in online("session", "info").out
    assert online("chat", "Again").out == "Still 7.\n"
    assert online("chat", "--no-mcp", "Without").out == "None.\n"
    assert "tools" not in openai_server.requests[-1].data
    assert state(online) == "down"
    assert online("chat", "And now?").code == 0
    assert "tools" not in openai_server.requests[-1].data


def test_a_template_names_them(online: Program, openai_server: OpenAIServer) -> None:
    assert online("template", "save", "sums", "--mcp", "desk", "-i", "Add.").code == 0
    openai_server.script(ADD, Answer("It is 7."), ADD, Answer("Still 7."))
    assert online("chat", "-t", "sums", "Add").out == "It is 7.\n"
    assert online("chat", "Again").out == "Still 7.\n"
    assert online("chat", "-t", "sums", "--no-mcp", "Without").code == 0
    assert not openai_server.requests[-1].data.get("tools")


def test_what_only_the_database_names_is_not_started(
    online: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(Answer("One."))
    online("chat", "Hi", env={"CONVO_CONFIG": None})
    execute(online.db, "UPDATE convo_sessions SET mcp = '[\"desk\"]'")
    before = len(openai_server.requests)
    assert online("chat", "Again").error(2) == (
        "the database names the MCP server 'desk', which you have not named on this machine; "
        "--mcp desk has its tools called, --no-mcp goes on without it"
    )
    assert (len(openai_server.requests), state(online)) == (before, "")
    gone = online("chat", "Again", env={"CONVO_CONFIG": None})
    assert gone.error(2) == (
        "the database names the MCP server 'desk', which is not set up here; "
        "--mcp-config FILE has it set up, --no-mcp goes on without it"
    )
    assert online("chat", "--no-mcp", "Again").code == 0


def test_a_yes_on_the_terminal_starts_it_from_then_on(
    online: Program, openai_server: OpenAIServer
) -> None:
    online("chat", "Hi", env={"CONVO_CONFIG": None})
    execute(online.db, "UPDATE convo_sessions SET mcp = '[\"desk\"]'")
    child = online.at_terminal("chat", "Again")
    child.expect_exact("The database names an MCP server that you have not named on this machine:")
    child.expect_exact("desk.py")
    child.expect_exact("Give its tools to the model? [y/N]")
    child.sendline("y")
    assert ended(child) == 0
    assert online("chat", "Once more").code == 0
    # The same name for something else is another server.
    (online.home / "other").mkdir()
    set_up(online, toml(desk(online.home / "other")))
    assert "which you have not named" in online("chat", "Again").error(2)


def test_a_retry_goes_on_with_them(online: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(ToolCall("mcp_desk__die"), ADD, Answer("It is 7."))
    failed = online("chat", "--mcp", "desk", "Add")
    assert failed.code == 5
    assert failed.err.splitlines()[-1] == (
        "convo: an MCP server failed: MCPError: Connection closed; "
        "the next turn starts it again; kept for `convo retry`"
    )
    assert online("retry").out == "It is 7.\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_no_process_is_left_behind(
    online: Program, openai_server: OpenAIServer, number: signal.Signals
) -> None:
    openai_server.script(ToolCall("mcp_desk__wait"))
    command = [EXECUTABLE, "chat", "--mcp", "desk", "Wait"]
    with subprocess.Popen(command, env=online.env, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + PATIENCE
        while not state(online).startswith("waiting") and time.monotonic() < deadline:
            time.sleep(0.05)
        server = int(state(online).split()[1])
        process.send_signal(number)
        assert process.wait(PATIENCE) == (130 if number == signal.SIGINT else 128 + number)
    while is_running(server) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(server)
    assert json.loads(online("show", "--waiting", "--json").out)[0]["state"] == "stopped"


def test_where_nobody_can_be_asked_a_call_is_refused(
    online: Program, openai_server: OpenAIServer
) -> None:
    set_up(online, toml(desk(online.home)))
    openai_server.script(ADD, Answer("I may not."))
    done = online("chat", "--mcp", "desk", "Add")
    assert done.out == "I may not.\n"
    assert "refused mcp_desk__add" in done.err


def test_the_servers_of_another_program(online: Program, openai_server: OpenAIServer) -> None:
    server = desk(online.home)
    entry = {"command": server.command, "args": server.args, "needs_approval": "never"}
    (online.home / "m.json").write_text(json.dumps({"mcpServers": {"desk": entry}}))
    without = {"CONVO_CONFIG": None}
    openai_server.script(ADD, Answer("It is 7."))
    asked = ("--mcp-config", "m.json")
    assert online("chat", *asked, "Add", env=without, cwd=online.home).out == "It is 7.\n"
    listed = online("mcp", "list", *asked, "--json", env=without, cwd=online.home)
    assert [row["name"] for row in json.loads(listed.out)] == ["desk"]


def test_one_is_added_asked_and_removed(convo: Program) -> None:
    set_up(convo, "# mine\ntheme = 'dark'\n")
    server = desk(convo.home)
    program = (server.command, *server.args)
    options = ("--env", "ITS=$MINE", "--without-approval", "add")
    added = convo("mcp", "add", "desk", *options, "--", *program)
    assert (added.code, added.err) == (0, f"MCP server 'desk' is {server.shown}\n")
    rows = json.loads(convo("mcp", "list", "--json").out)
    assert rows == [
        {
            "name": "desk",
            "transport": "stdio",
            "command": list(program),
            "url": None,
            "needs_approval": True,
            "without_approval": ["add"],
        }
    ]
    assert convo("mcp", "add", "desk", "--", "x").error(4) == (
        f"an MCP server 'desk' already exists: {server.shown}; --force puts this in its place"
    )
    assert convo("mcp", "tools", "desk").error(2).startswith("the MCP server 'desk' needs MINE")
    assert convo("mcp", "tools", "desk", env={"MINE": "1"}).code == 0
    assert convo("mcp", "add", "gone", "--", "/no/such/program").code == 0
    assert convo("mcp", "tools", "gone").error(5) == (
        "the MCP server 'gone' cannot be used: there is no program '/no/such/program'"
    )
    assert convo("mcp", "remove", "gone").code == 0
    web = ("https://example.org/mcp", "--header", "Authorization=Bearer $T", "--transport", "sse")
    assert convo("mcp", "add", "desk", "--force", *web).code == 0
    assert "$T" in (convo.home / "config.toml").read_text()
    assert convo("mcp", "remove", "desk").code == 0
    assert (convo.home / "config.toml").read_text().rstrip() == "# mine\ntheme = 'dark'"


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["add", "d", "--header", "a=b", "--", "x"], 2, "--header goes with a URL"),
        (["add", "d", "--env", "a=b", "http://x"], 2, "--env goes with a program"),
        (["add", "d", "--env", "secret", "--", "x"], 2, "--env is NAME=VALUE"),
        (["add", "d", "ftp://x"], 2, "'mcp.d.url' is a web address"),
        (["remove", "d"], 3, "there is no MCP server 'd'"),
        (["tools", "d"], 3, "there is no MCP server 'd'"),
    ],
)
def test_what_cannot_be_done(convo: Program, args: list[str], code: int, said: str) -> None:
    assert convo("mcp", *args).error(code).startswith(said)
    assert not (convo.home / ".config" / "convo" / "config.toml").exists()


def test_the_tools_are_listed(online: Program) -> None:
    rows = json.loads(online("mcp", "tools", "desk", "--json").out)
    assert [row["tool"] for row in rows] == ["add", "variable", "wait", "die"]
    assert rows[0]["description"] == "Add two numbers."
    assert online("chat", "--mcp", "dsk", "Hi").error(2) == (
        "there is no MCP server 'dsk' (did you mean 'desk'?); there is desk"
    )


def test_in_the_chat(online: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(ADD, Answer("It is 7."))
    with ChatAtTerminal(online, "-s", "talk", columns=120) as chat:
        chat.ready("talk:main 1>")
        assert chat.say("/mcp", "talk:main 1>")[-1] == "the next message goes without MCP servers"
        said = chat.say("/mcp desk", "talk:main 1>")
        assert said == ["the next message can call the tools of desk"]
        assert "It is 7." in chat.say("Add", "talk:main 2>")
        assert state(online).startswith("up")
        assert chat.say("/mcp", "talk:main 2>")[0].startswith("* desk")
        chat.say("/mcp --clear", "talk:main 2>")
        chat.say("Hi", "talk:main 3>")
        assert "tools" not in openai_server.requests[-1].data
        assert any("no MCP server 'dsk'" in line for line in chat.say("/mcp dsk", "talk:main 3>"))
        assert chat.leave() == 0
    assert state(online) == "down"
