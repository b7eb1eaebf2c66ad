"""MCP servers as they are set up: in `config.toml`, and in the JSON of other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from convo_cli.config.file import ConfigError, parsed
from convo_cli.config.mcp import (
    McpError,
    McpServer,
    chosen,
    configured,
    in_file,
    names_text,
    recorded_names,
)

CONFIG = """
[mcp.files]
command = "npx"
args = ["-y", "a server"]
env = { TOKEN = "$A_TOKEN" }
cwd = "/srv"
without_approval = ["read"]
timeout = 5

[mcp.web]
url = "https://Example.org:443/mcp/?key=secret"
headers = { Authorization = "Bearer $A_TOKEN" }
needs_approval = "never"

[mcp.old]
url = "http://127.0.0.1:1/sse"
transport = "sse"
"""


def file_with(folder: Path, servers: Any) -> str:
    file = folder / "mcp.json"
    file.write_text(json.dumps({"mcpServers": servers}))
    return str(file)


def test_those_of_the_configuration() -> None:
    files, web, old = configured(parsed(Path("c.toml"), CONFIG)).values()
    assert files == McpServer(
        "files",
        "stdio",
        command="npx",
        args=("-y", "a server"),
        env=(("TOKEN", "$A_TOKEN"),),
        cwd="/srv",
        without_approval=frozenset({"read"}),
        timeout=5.0,
    )
    assert (web.transport, web.asks, web.shown) == ("http", False, "https://example.org/mcp")
    assert (old.transport, old.asks) == ("sse", True)
    assert files.shown == "npx -y 'a server'"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[mcp.a]\nargs = []", "needs either a command or a url"),
        ('[mcp.a]\ncommand = "x"\nneeds_approval = "sometimes"', "is one of always, never"),
        ('[mcp.a]\nurl = "http://a"\ntransport = "stdio"', "is one of http, sse"),
        ('[mcp.a]\ncommand = "x"\nwithout_aproval = []', "did you mean 'mcp.a.without_approval'"),
        ('[mcp.a]\ncommand = "x"\ntimeout = "5"', "is a number"),
    ],
)
def test_what_is_wrong_in_the_configuration(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parsed(Path("c.toml"), text)
    assert said in str(caught.value)


def test_those_of_another_program(tmp_path: Path) -> None:
    servers = in_file(
        file_with(
            tmp_path,
            {
                "My Files!": {"command": "x", "cwd": "sub", "description": "…", "timeout": 6000},
                "web": {"type": "streamable-http", "url": "http://a/mcp"},
                "old": {"type": "sse", "url": "http://a/sse", "needs_approval": "never"},
                "plain": {"type": "stdio", "command": "y"},
                "off": {"command": "z", "disabled": True},
            },
        )
    )
    assert {name: one.transport for name, one in servers.items()} == {
        "My-Files": "stdio",
        "web": "http",
        "old": "sse",
        "plain": "stdio",
    }
    assert servers["My-Files"].cwd == str(tmp_path / "sub")
    assert servers["My-Files"].timeout == 60.0
    assert not servers["old"].asks


@pytest.mark.parametrize(
    ("servers", "said"),
    [
        (None, "has no mcpServers"),
        ({"a": 1}, "the MCP server 'a' is not an object"),
        ({"a": {}}, "'mcp.a' needs either a command or a url"),
        ({"a": {"command": 1}}, "'mcp.a.command' is a text, not 1"),
        ({"a": {"command": "x", "env": {"PORT": 8080}}}, "'mcp.a.env' is a table of texts"),
        ({"a": {"url": "file:///etc/passwd"}}, "'mcp.a.url' is a web address"),
        ({"a": {"url": "http://a", "type": "ws"}}, "no way to an MCP server called 'ws'"),
    ],
)
def test_what_is_wrong_in_the_file_of_another_program(
    tmp_path: Path, servers: Any, said: str
) -> None:
    with pytest.raises(McpError) as caught:
        in_file(file_with(tmp_path, servers))
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[]", '"\\ud800"', "[" * 100_000])
def test_what_is_no_such_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.json").write_text(text)
    with pytest.raises(McpError, match=r"m\.json' (is not JSON|has no mcpServers)"):
        in_file(str(tmp_path / "m.json"))
    with pytest.raises(McpError, match="cannot be read: No such file"):
        in_file(str(tmp_path / "none.json"))


def test_variables() -> None:
    server = McpServer("a", "stdio", command="x", env=(("A", "$B-${C}-$$D"),))
    assert server.filled_in("$B-${C}-$$D", {"B": "1", "C": "$B"}) == "1-$B-$D"
    with pytest.raises(McpError, match="the MCP server 'a' needs C, which is not set"):
        server.check_variables({"B": "1"})


def test_what_is_remembered_is_what_is_started() -> None:
    one = McpServer("a", "stdio", command="x", args=("y",), env=(("T", "1"),))
    same = McpServer("a", "stdio", command="x", args=("y",), env=(("T", "2"),), asks=False)
    assert one.identity == same.identity
    others = [
        McpServer("b", "stdio", command="x", args=("y",)),
        McpServer("a", "stdio", command="x", args=("z",)),
        McpServer("a", "stdio", command="x y"),
        McpServer("a", "stdio", command="x", args=("y",), cwd="/tmp"),
        McpServer("a", "http", url="http://a"),
    ]
    assert all(other.identity != one.identity for other in others)


def test_a_mistyped_name_is_answered_with_the_nearest() -> None:
    there = {"files": McpServer("files", "stdio", command="x")}
    with pytest.raises(McpError, match=r"no MCP server 'file' \(did you mean 'files'\?\)"):
        chosen("file", there)


@pytest.mark.parametrize("said", ['["a","a"]', ["a"]])
def test_names_that_are_recorded(said: object) -> None:
    assert recorded_names(said) == ("a",)
    assert names_text(["a", "b"]) == '["a", "b"]'
    assert names_text([]) is None


@pytest.mark.parametrize("said", [None, "", "a", "[]", "[1]", '["../x"]', '{"a":1}', "[" * 100_000])
def test_what_a_database_has_in_their_place(said: object) -> None:
    assert recorded_names(said) is None
