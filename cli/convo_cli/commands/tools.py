"""`convo tools`: lists tool calls, and what they cost."""

from typing import Annotated, Literal

import typer

from convo_cli import actions
from convo_cli.invocation import Invocation
from convo_cli.render.data import shapes, usage_shapes
from convo_cli.running import run
from convo_cli.written import each, writes

By = Literal["tool", "turn", "branch", "session"]


@writes(each(shapes.TOOL), each(usage_shapes.TOOL_COST, "--by WHAT"), exits=(3,))
def tools(
    ctx: typer.Context,
    by: Annotated[
        By | None,
        typer.Option(
            "--by",
            metavar="WHAT",
            help="Sum up by tool, turn, branch or session, with failures, times and tokens.",
        ),
    ] = None,
    all_sessions: Annotated[
        bool, typer.Option("--all", help="All sessions; by tool unless --by says otherwise.")
    ] = False,
) -> None:
    """List the tool calls of a branch, by turn.

    --by also shows how many of them failed, how long they took, and how many tokens their outputs
    cost afterwards: the estimated size of each output, as often as it was sent to a model. --by
    branch covers the whole session, --by session all sessions.
    """
    invocation = Invocation.of(ctx)
    if by is None and not all_sessions:
        run(actions.tools.show_tools(invocation))
    else:
        run(actions.tools.show_costs(invocation, by or "tool", is_of_all=all_sessions))
