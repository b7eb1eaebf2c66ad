"""`convo key …`: stores the API keys of servers, which are read without echo and never shown."""

from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.completing.kinds import KEY_SERVERS
from convo_cli.config.servers import OPENAI
from convo_cli.grammar import Command, Group
from convo_cli.invocation import Invocation
from convo_cli.render.data import shapes
from convo_cli.written import each, one, writes

key = typer.Typer(
    name="key",
    cls=Group,
    help="Keep the keys of servers in a file of your own, or in the system's keyring.",
    add_completion=False,
    rich_markup_mode=None,
)

ServerName = Annotated[
    str,
    typer.Argument(metavar="SERVER", help="The name of the server; OpenAI if not given."),
    KEY_SERVERS,
]


@key.command("set", cls=Command)
@writes(one(shapes.KEY), exits=(3,))
def set_(
    ctx: typer.Context,
    server: ServerName = OPENAI,
    keyring: Annotated[
        bool, typer.Option("--keyring", help="Keep it in the system's keyring instead.")
    ] = False,
) -> None:
    """Read a key from the terminal or a pipe, and store it.

    It is not echoed, and is sent only to the address that the server has now. A key in the
    environment takes precedence.
    """
    actions.keys.set_(Invocation.of(ctx), server, keyring)


@key.command("list", cls=Command)
@writes(each(shapes.KEY))
def list_(ctx: typer.Context) -> None:
    """List the servers that have a key, and where it is stored. The keys are never shown."""
    actions.keys.list_(Invocation.of(ctx))


@key.command("remove", cls=Command)
@writes(one(shapes.KEY), exits=(3,))
def remove(ctx: typer.Context, server: ServerName = OPENAI) -> None:
    """Remove the stored key of a server."""
    actions.keys.remove(Invocation.of(ctx), server)
