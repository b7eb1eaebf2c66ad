"""`convo list`: the other lists under one name, for users who look for them there."""

from typing import Annotated, Literal

import typer

from convo_cli import actions
from convo_cli.invocation import Invocation
from convo_cli.render.data import shapes
from convo_cli.running import run
from convo_cli.written import each, writes


@writes(
    each(shapes.TURN),
    each(shapes.BRANCH, "branches"),
    each(shapes.SESSION, "sessions"),
    each(shapes.TOOL, "tools"),
    exits=(3,),
)
def list_(
    ctx: typer.Context,
    what: Annotated[
        Literal["turns", "branches", "sessions", "tools"],
        typer.Argument(
            metavar="WHAT", help="turns, branches, sessions or tools; turns if not given."
        ),
    ] = "turns",
) -> None:
    """List turns, branches, sessions or tools."""
    invocation = Invocation.of(ctx)
    match what:
        case "turns":
            run(actions.turns.show_turns(invocation))
        case "branches":
            run(actions.branches.show_branches(invocation))
        case "sessions":
            run(actions.sessions.show_sessions(invocation))
        case "tools":
            run(actions.tools.show_tools(invocation))
