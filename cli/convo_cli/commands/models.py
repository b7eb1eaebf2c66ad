"""`convo models`: lists the models of servers."""

from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.completing.kinds import SERVERS
from convo_cli.invocation import Invocation
from convo_cli.render.data import shapes
from convo_cli.written import each, writes


@writes(each(shapes.MODEL), exits=(3, 5))
def models(
    ctx: typer.Context,
    server: Annotated[
        str | None,
        typer.Argument(metavar="SERVER", help="The name of a server; all of them if not given."),
        SERVERS,
    ] = None,
) -> None:
    """List the models that servers offer; * marks the one that a new session asks.

    The names are those that -m takes. The context is in tokens; prices, if known, are in dollars
    for a million tokens. Without SERVER, servers that cannot be asked are named on stderr.
    """
    actions.models.show_models(Invocation.of(ctx), server)
