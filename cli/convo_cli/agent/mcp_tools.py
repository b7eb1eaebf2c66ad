"""Lists the tools of MCP servers."""

import asyncio
from collections.abc import Sequence

from convo_cli.agent.mcp_servers import made_server, secrets_in
from convo_cli.agent.servers import Servers
from convo_cli.config.mcp import McpServer, McpTool


async def tools_of(servers: Sequence[McpServer]) -> list[McpTool]:
    """Start these servers, list their tools, and stop them. Raises ModelError."""
    made = [made_server(server) for server in servers]
    connected = Servers([], made, secrets_in(servers))
    await connected.connect()
    try:
        listed = await asyncio.gather(*(one.list_tools() for one in made))
    finally:
        await connected.close()
    return [
        McpTool(server, tool.name, tool.description or "", tool.input_schema)
        for server, tools in zip(servers, listed, strict=True)
        for tool in tools
    ]
