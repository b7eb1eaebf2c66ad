"""`convo branch`, `branches`, `switch` and `rename`."""

from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.completing.kinds import BRANCHES, FREE, SWITCHED, TURNS
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.options import NoSwitch
from convo_cli.render.data import shapes
from convo_cli.running import run
from convo_cli.written import each, one, writes


@writes(each(shapes.BRANCH), each(shapes.TREE_BRANCH, "--tree"), exits=(3,))
def branches(
    ctx: typer.Context,
    tree: Annotated[
        bool,
        typer.Option("--tree", help="Draw the tree of branches, with the prompt of each turn."),
    ] = False,
) -> None:
    """List the branches of the session; * marks the current one."""
    invocation = Invocation.of(ctx)
    if tree:
        run(actions.branches.show_tree(invocation))
    else:
        run(actions.branches.show_branches(invocation))


@writes(each(shapes.BRANCH), one(shapes.PLACE, "NAME"), exits=(3, 4))
def branch(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME", help="The name of the new branch; chosen for you if not given."
        ),
        FREE,
    ] = None,
    turn: Annotated[
        str | None,
        typer.Option(
            "--turn",
            metavar="N|TAG",
            help="Keep the turns before turn N; the next message replaces it. -1 is the last.",
        ),
        TURNS,
    ] = None,
    after: Annotated[
        str | None,
        typer.Option("--after", metavar="N|TAG", help="Keep the turns up to and including turn N."),
        TURNS,
    ] = None,
    match: Annotated[
        str | None,
        typer.Option(
            "--match", metavar="TEXT", help="Like --turn, for the first turn that contains TEXT."
        ),
        FREE,
    ] = None,
    no_switch: NoSwitch = False,
) -> None:
    """Create a branch from a turn, and switch to it.

    Its name is printed. A NAME alone branches off here, after the last turn; without any of these
    the branches are listed.
    """
    invocation = Invocation.of(ctx)
    starts = [value for value in (turn, after, match) if value is not None]
    if not starts and name is None:
        if no_switch:
            raise UsageError("--no-switch goes with a new branch", hint="say NAME or --turn N")
        run(actions.branches.show_branches(invocation))
        return
    if not starts:
        after = "-1"  # the last turn
    if len(starts) > 1:
        raise UsageError("--turn, --after and --match exclude each other: give one of them")
    if match is not None and not match.strip():
        raise UsageError("--match needs a text to look for")
    run(actions.branches.make(invocation, name, turn, after, match, no_switch=no_switch))


@writes(one(shapes.PLACE), exits=(3,))
def switch(
    ctx: typer.Context,
    target: Annotated[
        str,
        typer.Argument(metavar="BRANCH", help="The branch, or - for the previous one."),
        SWITCHED,
    ],
) -> None:
    """Make another branch the current one."""
    run(actions.branches.switch(Invocation.of(ctx), target))


@writes(one({**shapes.PLACE, "renamed": "text"}), exits=(3, 4))
def rename(
    ctx: typer.Context,
    old: Annotated[str, typer.Argument(metavar="OLD", help="The present name."), BRANCHES],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The new name."), FREE],
) -> None:
    """Rename a branch. Names are never reused, so the old name stays taken."""
    run(actions.branches.rename(Invocation.of(ctx), old, new))
