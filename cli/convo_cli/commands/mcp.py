"""`convo mcp …`: the MCP servers whose tools a chat can call."""

import asyncio
from typing import Annotated

import typer

from convo_cli.ask.signals import StoppedError, ended_by_signals, stoppable
from convo_cli.config.mcp import McpServer, chosen, configured, in_file
from convo_cli.grammar import Command, Group
from convo_cli.invocation import Invocation
from convo_cli.options import McpConfig
from convo_cli.output.report import show
from convo_cli.render import mcp as render

mcp = typer.Typer(
    name="mcp",
    cls=Group,
    help="List, add and remove MCP servers, and see their tools.",
    add_completion=False,
    rich_markup_mode=None,
)


@mcp.command("list", cls=Command)
def list_(ctx: typer.Context, mcp_config: McpConfig = None) -> None:
    """List the MCP servers of the configuration, or of a file."""
    invocation = Invocation.of(ctx)
    found = _servers(invocation, mcp_config)
    if not found:
        invocation.terminal.notice("no MCP server is set up; `convo mcp add` adds one")
    show(invocation, render.servers([*found.values()]))


@mcp.command("tools", cls=Command)
def tools(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="The MCP servers; all of them if none is given."),
    ] = None,
    mcp_config: McpConfig = None,
) -> None:
    """Start MCP servers, and list the tools that they have."""
    invocation = Invocation.of(ctx)
    there = _servers(invocation, mcp_config)
    wanted = [chosen(name, there) for name in dict.fromkeys(names or there)]
    asyncio.run(_tools(invocation, wanted))


async def _tools(invocation: Invocation, servers: list[McpServer]) -> None:
    for server in servers:
        server.check_variables(invocation.environ)
    # Imported here: it loads the Agents SDK, which takes seconds.
    from convo_cli.agent.mcp_tools import tools_of

    with ended_by_signals() as ending:
        try:
            found = await stoppable(tools_of(servers))
        except StoppedError:
            raise KeyboardInterrupt from None
        except asyncio.CancelledError:
            invocation.terminal.abandon()
            raise typer.Exit(ending.code or 1) from None
    show(invocation, render.tools(found))


def _servers(invocation: Invocation, file: str | None) -> dict[str, McpServer]:
    return configured(invocation.config) if file is None else in_file(file)
