"""MCP servers and their tools, as lists."""

from __future__ import annotations

from convo_cli.config.mcp import McpServer, McpTool
from convo_cli.render import mcp
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.tables import draw

HOSTILE = "a\x1b]0;evil\x07b\u202ec\nd"


def test_what_a_server_says_of_its_tools_commands_nothing() -> None:
    server = McpServer("a", "stdio", command=HOSTILE, args=(HOSTILE,))
    tool = McpTool(server, HOSTILE, HOSTILE, {})
    for listing in (mcp.servers([server]), mcp.tools([tool])):
        shown = draw(listing.grid(), Look(width=300))
        assert "\\x1b]0;evil\\x07b" in shown
        assert not {"\x1b", "\x07", "\u202e"} & set(shown)
        assert len(shown.splitlines()) == 3


def test_how_calls_are_approved() -> None:
    asked = McpServer("a", "stdio", command="x", without_approval=frozenset({"read"}))
    rows = mcp.tools([McpTool(asked, "read", "", {}), McpTool(asked, "write", "", {})]).rows()
    assert [row["needs_approval"] for row in rows] == [False, True]
    never = McpServer("b", "http", url="http://me:secret@a/mcp?k=secret", asks=False)
    (row,) = mcp.servers([never]).rows()
    assert (row["url"], row["needs_approval"]) == ("http://a/mcp", False)
