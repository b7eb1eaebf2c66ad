"""`convo mcp …`: the MCP servers whose tools a chat can call."""

from typing import Annotated, Literal

import typer

from convo_cli import actions
from convo_cli.commands.asking_options import McpConfig
from convo_cli.completing.kinds import FOLDERS, FREE, MCP
from convo_cli.grammar import Command, Group
from convo_cli.invocation import Invocation
from convo_cli.render.data import shapes
from convo_cli.running import run
from convo_cli.written import each, one, writes

mcp = typer.Typer(
    name="mcp",
    cls=Group,
    help="List, add and remove MCP servers, and see their tools.",
    add_completion=False,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the MCP server."), MCP]


What = Annotated[
    list[str],
    typer.Argument(metavar="URL|COMMAND…", help="The server's URL, or after -- its command."),
    FREE,
]
Env = Annotated[
    list[str] | None,
    typer.Option(
        "--env",
        metavar="NAME=VALUE",
        help="A variable for the program; '$NAME' is one of yours. Repeatable.",
    ),
    FREE,
]
Header = Annotated[
    list[str] | None,
    typer.Option(
        "--header",
        metavar="NAME=VALUE",
        help="An HTTP header for the server, with '$NAME' as in --env. Repeatable.",
    ),
    FREE,
]
Cwd = Annotated[
    str | None,
    typer.Option("--cwd", metavar="FOLDER", help="The folder to start the program in."),
    FOLDERS,
]
Transport = Annotated[
    Literal["http", "sse"] | None,
    typer.Option("--transport", metavar="HOW", help="The transport for a URL: http, or sse."),
]
WithoutApproval = Annotated[
    list[str] | None,
    typer.Option(
        "--without-approval",
        metavar="TOOL",
        help="A tool that is called without asking. Repeatable.",
    ),
    FREE,
]
NeedsApproval = Annotated[
    Literal["always", "never"] | None,
    typer.Option(
        "--needs-approval", metavar="WHEN", help="Whether to ask before calls: always, or never."
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace a server of that name.")]


@mcp.command("add", cls=Command)
@writes(one(shapes.MCP_SERVER), exits=(4,))
def add(
    ctx: typer.Context,
    name: Name,
    what: What,
    env: Env = None,
    header: Header = None,
    cwd: Cwd = None,
    transport: Transport = None,
    without_approval: WithoutApproval = None,
    needs_approval: NeedsApproval = None,
    force: Force = False,
) -> None:
    """Add an MCP server: one at a URL, or a program.

    A program goes after --, as in `convo mcp add time -- uvx mcp-server-time`.
    """
    said = {
        "env": env,
        "headers": header,
        "cwd": cwd,
        "transport": transport,
        "needs_approval": needs_approval,
        "without_approval": without_approval,
    }
    actions.mcp.add(Invocation.of(ctx), name, what, said, force=force)


@mcp.command("remove", cls=Command)
@writes(one(shapes.MCP_SERVER), exits=(3,))
def remove(ctx: typer.Context, name: Name) -> None:
    """Remove an MCP server from the configuration."""
    actions.mcp.remove(Invocation.of(ctx), name)


@mcp.command("list", cls=Command)
@writes(each(shapes.MCP_SERVER))
def list_(ctx: typer.Context, mcp_config: McpConfig = None) -> None:
    """List the MCP servers of the configuration, or of a file."""
    actions.mcp.show_servers(Invocation.of(ctx), mcp_config)


@mcp.command("tools", cls=Command)
@writes(each(shapes.MCP_TOOL), exits=(3, 5))
def tools(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="The MCP servers; all if none is given."),
        MCP,
    ] = None,
    mcp_config: McpConfig = None,
) -> None:
    """Start MCP servers, and list their tools."""
    run(actions.mcp.show_tools(Invocation.of(ctx), names or [], mcp_config))
