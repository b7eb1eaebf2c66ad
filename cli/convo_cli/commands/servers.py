"""`convo server …`: the servers that have a name here."""

from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.grammar import Command, Group
from convo_cli.invocation import Invocation
from convo_cli.options import Api

server = typer.Typer(
    name="server",
    cls=Group,
    help="Give servers names, so that `-m local/qwen3` asks one of them.",
    add_completion=False,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the server.")]


@server.command("add", cls=Command)
def add(
    ctx: typer.Context,
    name: Name,
    url: Annotated[
        str, typer.Argument(metavar="URL", help="Where its API is: http://127.0.0.1:11434/v1.")
    ],
    api: Api = None,
    key_variable: Annotated[
        str | None,
        typer.Option(
            "--key-variable",
            metavar="VARIABLE",
            help="The environment variable that has its key; NAME_API_KEY if not given.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="In the place of one so named.")] = False,
) -> None:
    """Name a server: it may be asked from now on, by this name and where a database names it."""
    actions.servers.add(Invocation.of(ctx), name, url, api, key_variable, force)


@server.command("list", cls=Command)
def list_(ctx: typer.Context) -> None:
    """List the servers that have a name, and where the key of each is from."""
    actions.servers.list_(Invocation.of(ctx))


@server.command("remove", cls=Command)
def remove(ctx: typer.Context, name: Name) -> None:
    """Forget a server and its stored key: no database may name it any more."""
    actions.servers.remove(Invocation.of(ctx), name)


@server.command("check", cls=Command)
def check(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The server; all of them if not given.")
    ] = None,
) -> None:
    """Ask servers for their models, to see that they are there and take the key.

    Exit code 5 says that one of them is not.
    """
    actions.servers.check(Invocation.of(ctx), name)
