"""`convo diff`: compares two branches."""

from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.completing.kinds import BRANCHES
from convo_cli.invocation import Invocation
from convo_cli.options import NoPager
from convo_cli.render.data import shapes
from convo_cli.written import one, writes


@writes(one(shapes.DIFF, flat=shapes.FLAT_DIFF), exits=(3,))
def diff(
    ctx: typer.Context,
    a: Annotated[
        str | None,
        typer.Argument(metavar="A", help="A branch; the parent of the current one if not given."),
        BRANCHES,
    ] = None,
    b: Annotated[
        str | None,
        typer.Argument(metavar="B", help="Another branch; the current one if not given."),
        BRANCHES,
    ] = None,
    no_pager: NoPager = False,
) -> None:
    """Show two branches side by side, from where they diverge."""
    actions.diff.show_diff(Invocation.of(ctx), a, b, paged=not no_pager)
