"""`convo usage`: shows the usage of tokens."""

from functools import partial
from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.options import NEWEST, Limit, newest
from convo_cli.render.data import shapes
from convo_cli.running import run
from convo_cli.written import one, writes


@writes(one(shapes.USAGE_REPORT, flat=shapes.USAGE), exits=(3,))
def usage(
    ctx: typer.Context,
    by_turn: Annotated[bool, typer.Option("--by-turn", help="A row for every turn.")] = False,
    by_branch: Annotated[bool, typer.Option("--by-branch", help="A row for every branch.")] = False,
    limit: Limit = NEWEST,
) -> None:
    """Show the tokens used by the session, or with -b by one branch.

    Deleted branches count, and so do failed and interrupted turns, on lines of their own. A ~ marks
    estimates.
    """
    if by_turn and by_branch:
        raise UsageError("--by-turn and --by-branch exclude each other: give one of them")
    show = partial(actions.usage.show_usage, Invocation.of(ctx), limit=newest(limit))
    run(show("turn" if by_turn else "branch" if by_branch else "total"))
