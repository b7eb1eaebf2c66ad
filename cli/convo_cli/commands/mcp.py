"""`convo mcp …`: the MCP servers whose tools a chat can call."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import typer

from convo.errors import ConflictError, NotFoundError
from convo.names import scheme_of
from convo_cli.ask.signals import StoppedError, ended_by_signals, stoppable
from convo_cli.commands.config import told
from convo_cli.config.checking import nearest
from convo_cli.config.file import config_path
from convo_cli.config.mcp import McpServer, configured, in_file, server_of
from convo_cli.exits import UsageError
from convo_cli.grammar import Command, Group
from convo_cli.invocation import Invocation
from convo_cli.options import McpConfig
from convo_cli.output.report import show
from convo_cli.reading import named_file
from convo_cli.render import mcp as render

mcp = typer.Typer(
    name="mcp",
    cls=Group,
    help="List, add and remove MCP servers, and see their tools.",
    add_completion=False,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the MCP server.")]


@mcp.command("add", cls=Command)
def add(
    ctx: typer.Context,
    name: Name,
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="URL|COMMAND…", help="Where the server is, or behind -- the program that it is."
        ),
    ],
    env: Annotated[
        list[str] | None,
        typer.Option(
            "--env",
            metavar="NAME=VALUE",
            help="A variable that the program is given, which may be '$NAME' of yours; repeatable.",
        ),
    ] = None,
    header: Annotated[
        list[str] | None,
        typer.Option(
            "--header",
            metavar="NAME=VALUE",
            help="An HTTP header that the server is sent, with '$NAME' as in --env; repeatable.",
        ),
    ] = None,
    cwd: Annotated[
        str | None,
        typer.Option("--cwd", metavar="FOLDER", help="The folder that the program is started in."),
    ] = None,
    transport: Annotated[
        Literal["http", "sse"] | None,
        typer.Option("--transport", metavar="HOW", help="How a URL is asked: http, or sse."),
    ] = None,
    without_approval: Annotated[
        list[str] | None,
        typer.Option(
            "--without-approval",
            metavar="TOOL",
            help="A tool that is called without asking; repeatable.",
        ),
    ] = None,
    needs_approval: Annotated[
        Literal["always", "never"] | None,
        typer.Option(
            "--needs-approval",
            metavar="WHEN",
            help="Whether calls are asked about: always, or never.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="In the place of one so named.")] = False,
) -> None:
    """Set up an MCP server: one at a URL, or a program.

    A program stands behind --, as in `convo mcp add time -- uvx mcp-server-time`.
    """
    from convo_cli.config.writing import set_value

    invocation = Invocation.of(ctx)
    there = configured(invocation.config).get(name)
    if there is not None and not force:
        raise ConflictError(
            f"an MCP server '{name}' is there already: {there.shown}",
            hint="--force puts this in its place",
        )
    is_url = len(what) == 1 and scheme_of(what[0]) is not None
    given: dict[str, Any] = {
        "url": what[0] if is_url else None,
        "command": None if is_url else what[0],
        "args": None if is_url else what[1:],
        "env": _pairs("--env", env),
        "cwd": None if cwd is None else str(named_file(cwd).absolute()),
        "headers": _pairs("--header", header),
        "transport": transport,
        "needs_approval": needs_approval,
        "without_approval": without_approval,
    }
    _check_kind(given, is_url=is_url)
    table = {key: value for key, value in given.items() if value}
    set_value(config_path(invocation.environ), ("mcp", name), table)
    added = server_of(name, table)
    told(invocation, f"MCP server '{name}' is {added.shown}", render.server_row(added))


@mcp.command("remove", cls=Command)
def remove(ctx: typer.Context, name: Name) -> None:
    """Remove an MCP server from the configuration."""
    from convo_cli.config.writing import remove as unset

    invocation = Invocation.of(ctx)
    gone = _named(name, configured(invocation.config))
    unset(config_path(invocation.environ), ("mcp", name))
    told(invocation, f"removed the MCP server '{name}'", render.server_row(gone))


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
    wanted = [_named(name, there) for name in dict.fromkeys(names or there)]
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


def _named(name: str, there: Mapping[str, McpServer]) -> McpServer:
    """The server of that name. Raises `NotFoundError`."""
    if name not in there:
        raise NotFoundError(
            f"there is no MCP server '{name}'{nearest(name, there)}",
            hint="`convo mcp list` lists them",
        )
    return there[name]


def _pairs(option: str, given: list[str] | None) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for pair in given or ():
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            # What stands behind the name may be a secret.
            raise UsageError(f"{option} is NAME=VALUE")
        pairs[name.strip()] = value
    return pairs


def _check_kind(given: Mapping[str, Any], *, is_url: bool) -> None:
    """Raise `UsageError` for what is said of a program that goes for a URL, or the other way."""
    others = {"env": "--env", "cwd": "--cwd"}
    if not is_url:
        others = {"headers": "--header", "transport": "--transport"}
    for key, option in others.items():
        if given[key]:
            raise UsageError(f"{option} goes with a {'program' if is_url else 'URL'}")


def _servers(invocation: Invocation, file: str | None) -> dict[str, McpServer]:
    return configured(invocation.config) if file is None else in_file(file)
