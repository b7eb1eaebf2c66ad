"""`convo server …`: names servers, and lists, checks and removes the named ones."""

from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.commands.asking_options import Api
from convo_cli.completing.kinds import FREE, SERVERS
from convo_cli.grammar import Command, Group
from convo_cli.invocation import Invocation
from convo_cli.render.data import shapes
from convo_cli.written import each, one, writes

server = typer.Typer(
    name="server",
    cls=Group,
    help="Give servers names, so that `-m local/qwen3` asks one of them.",
    add_completion=False,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the server."), SERVERS]


@server.command("add", cls=Command)
@writes(one({"server": "text", "url": "text", "api": "text?", "key_variable": "text?"}), exits=(4,))
def add(
    ctx: typer.Context,
    name: Name,
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL", help="The URL of its API, such as http://127.0.0.1:11434/v1."
        ),
        FREE,
    ],
    api: Api = None,
    key_variable: Annotated[
        str | None,
        typer.Option(
            "--key-variable",
            metavar="VARIABLE",
            help="The environment variable with its key; NAME_API_KEY if not given.",
        ),
        FREE,
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a server of that name.")] = False,
) -> None:
    """Name a server. It may then be asked by its name, or if a database names it."""
    actions.servers.add(Invocation.of(ctx), name, url, api, key_variable, force)


@server.command("list", cls=Command)
@writes(each(shapes.SERVER))
def list_(ctx: typer.Context) -> None:
    """List the named servers, and where the key of each comes from."""
    actions.servers.list_(Invocation.of(ctx))


@server.command("remove", cls=Command)
@writes(one({"server": "text", "url": "text"}), exits=(3,))
def remove(ctx: typer.Context, name: Name) -> None:
    """Remove a server and its stored key. A database may then no longer name it."""
    actions.servers.remove(Invocation.of(ctx), name)


@server.command("check", cls=Command)
@writes(each(shapes.CHECKED_SERVER), exits=(3, 5))
def check(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The server; all if not given."), SERVERS
    ] = None,
) -> None:
    """Check that servers respond and accept their keys.

    They are asked for their models. The exit code is 5 if one of them fails.
    """
    actions.servers.check(Invocation.of(ctx), name)
