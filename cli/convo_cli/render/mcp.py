"""MCP servers and their tools, as lists."""

from collections.abc import Sequence

from convo_cli.config.mcp import McpServer, McpTool
from convo_cli.render.data import shapes
from convo_cli.render.data.rows import Row
from convo_cli.render.listings import Listing, preview
from convo_cli.render.terminal.grid import Column, Grid
from convo_cli.render.terminal.text import one_line

SERVER_KEYS = tuple(shapes.MCP_SERVER)
MCP_TOOL_KEYS = tuple(shapes.MCP_TOOL)


def servers(found: Sequence[McpServer]) -> Listing:
    """MCP servers: how each is reached, and whether its calls need approval."""

    def grid() -> Grid:
        columns = [
            Column("name"),
            Column("by"),
            Column("what", weight=3),
            Column("approval", weight=1),
        ]
        lines = [
            [one.name, one.transport, preview(one.shown), one_line(_approval(one))] for one in found
        ]
        return Grid(columns, lines)

    return Listing(SERVER_KEYS, lambda: [server_row(one) for one in found], grid)


def tools(found: Sequence[McpTool]) -> Listing:
    """The tools of MCP servers."""

    def grid() -> Grid:
        columns = [
            Column("server"),
            Column("tool", weight=2, wraps=True),
            Column("approval"),
            Column("description", weight=1),
        ]
        lines = [
            [
                one.server.name,
                one_line(one.name),
                "asked" if one.needs_approval else "",
                preview(one.description),
            ]
            for one in found
        ]
        return Grid(columns, lines).without_empty("approval")

    return Listing(MCP_TOOL_KEYS, lambda: [_tool_row(one) for one in found], grid)


def _approval(server: McpServer) -> str:
    if not server.asks:
        return "never"
    free = ", ".join(sorted(server.without_approval))
    return f"always, but {free}" if free else "always"


def server_row(server: McpServer) -> Row:
    """One MCP server, by `SERVER_KEYS`, without the values of its variables and headers."""
    is_program = server.transport == "stdio"
    return {
        "name": server.name,
        "transport": server.transport,
        "command": [server.command, *server.args] if is_program else None,
        "url": None if is_program else server.shown,
        "needs_approval": server.asks,
        "without_approval": sorted(server.without_approval),
    }


def _tool_row(tool: McpTool) -> Row:
    return {
        "server": tool.server.name,
        "tool": tool.name,
        "description": tool.description,
        "needs_approval": tool.needs_approval,
        "schema": tool.schema,
    }
