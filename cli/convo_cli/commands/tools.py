"""`convo tools`: lists tool calls."""

import typer

from convo_cli import actions
from convo_cli.invocation import Invocation
from convo_cli.render.data import shapes
from convo_cli.running import run
from convo_cli.written import each, writes


@writes(each(shapes.TOOL), exits=(3,))
def tools(ctx: typer.Context) -> None:
    """List the tool calls of a branch, by turn."""
    run(actions.tools.show_tools(Invocation.of(ctx)))
