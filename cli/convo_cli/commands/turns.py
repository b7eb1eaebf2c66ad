"""`convo turns`: lists the turns of a branch."""

from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.invocation import Invocation
from convo_cli.options import NEWEST, Limit, newest
from convo_cli.render.data import shapes
from convo_cli.running import run
from convo_cli.written import each, writes


@writes(each(shapes.TURN), exits=(3,))
def turns(
    ctx: typer.Context,
    limit: Limit = NEWEST,
    starred: Annotated[
        bool, typer.Option("--starred", help="Only the turns that have a star.")
    ] = False,
) -> None:
    """List the turns of a branch, with their prompts, costs and marks."""
    run(actions.turns.show_turns(Invocation.of(ctx), newest(limit), only_starred=starred))
