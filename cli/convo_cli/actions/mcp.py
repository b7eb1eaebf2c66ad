"""Adds, removes and lists MCP servers, and lists their tools."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from convo.errors import ConflictError
from convo.names import scheme_of
from convo_cli.actions.config import told
from convo_cli.ask.signals import StoppedError, ended_by_signals, stoppable
from convo_cli.config.file import config_path
from convo_cli.config.known import check_known
from convo_cli.config.mcp import McpServer, configured, in_file, server_of
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.output.report import show
from convo_cli.reading import named_file
from convo_cli.render import mcp as render


def add(
    invocation: Invocation, name: str, what: Sequence[str], said: Mapping[str, Any], *, force: bool
) -> None:
    """Add a server: `what` is its URL or its command; `said` has the other keys."""
    from convo_cli.config.writing import set_value

    there = configured(invocation.config).get(name)
    if there is not None and not force:
        raise ConflictError(
            f"an MCP server '{name}' already exists: {there.shown}",
            hint="--force puts this in its place",
        )
    is_url = len(what) == 1 and scheme_of(what[0]) is not None
    cwd = said["cwd"]
    given: dict[str, Any] = {
        "url": what[0] if is_url else None,
        "command": None if is_url else what[0],
        "args": None if is_url else [*what[1:]],
        **said,
        "cwd": None if cwd is None else str(named_file(cwd).absolute()),
        "env": _pairs("--env", said["env"]),
        "headers": _pairs("--header", said["headers"]),
    }
    _check_kind(given, is_url=is_url)
    table = {key: value for key, value in given.items() if value}
    set_value(config_path(invocation.environ), ("mcp", name), table)
    added = server_of(name, table)
    told(invocation, f"MCP server '{name}' is {added.shown}", render.server_row(added))


def remove(invocation: Invocation, name: str) -> None:
    """Remove a server from the configuration. Raises `NotFoundError`."""
    from convo_cli.config.writing import remove as unset

    gone = _named(name, configured(invocation.config))
    unset(config_path(invocation.environ), ("mcp", name))
    told(invocation, f"removed the MCP server '{name}'", render.server_row(gone))


def show_servers(invocation: Invocation, file: Path | None) -> None:
    """Write the servers of the configuration, or of a file."""
    found = _servers(invocation, file)
    if not found:
        invocation.terminal.notice("no MCP server is set up; `convo mcp add` adds one")
    show(invocation, render.servers([*found.values()]))


async def show_tools(invocation: Invocation, names: Sequence[str], file: Path | None) -> None:
    """Start these servers, or all, and write the tools that they have."""
    there = _servers(invocation, file)
    servers = [_named(name, there) for name in dict.fromkeys(names or there)]
    for server in servers:
        server.check_variables(invocation.environ)
    # Imported here because it loads the Agents SDK, which takes seconds.
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
    check_known("MCP server", name, there)
    return there[name]


def _pairs(option: str, given: list[str] | None) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for pair in given or ():
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            # The value after the name may be a secret.
            raise UsageError(f"{option} is NAME=VALUE")
        pairs[name.strip()] = value
    return pairs


def _check_kind(given: Mapping[str, Any], *, is_url: bool) -> None:
    """Raise `UsageError` for an option of a program that is given for a URL, or vice versa."""
    others = {"env": "--env", "cwd": "--cwd"}
    if not is_url:
        others = {"headers": "--header", "transport": "--transport"}
    for key, option in others.items():
        if given[key]:
            raise UsageError(f"{option} goes with a {'program' if is_url else 'URL'}")


def _servers(invocation: Invocation, file: Path | None) -> dict[str, McpServer]:
    return configured(invocation.config) if file is None else in_file(str(file))
