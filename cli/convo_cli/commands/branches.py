"""`convo branch`, `branches`, `switch` and `rename`: making, choosing and naming branches."""

from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.running import run


def branches(
    ctx: typer.Context,
    tree: Annotated[
        bool, typer.Option("--tree", help="Draw how they branched, with what each turn asks.")
    ] = False,
) -> None:
    """List the branches of the session; * marks the current one."""
    invocation = Invocation.of(ctx)
    if tree:
        run(actions.branches.show_tree(invocation))
    else:
        run(actions.branches.show_branches(invocation))


def branch(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="The name of the new branch; made up if not given."),
    ] = None,
    turn: Annotated[
        int | None,
        typer.Option(
            "--turn",
            metavar="N",
            help="Keep the turns before turn N: the next message takes its place.",
        ),
    ] = None,
    after: Annotated[
        int | None,
        typer.Option("--after", metavar="N", help="Keep the turns up to turn N, and turn N too."),
    ] = None,
    match: Annotated[
        str | None,
        typer.Option(
            "--match", metavar="TEXT", help="Like --turn, for the first turn that says TEXT."
        ),
    ] = None,
) -> None:
    """Make a branch from a turn, and switch to it.

    Its name is printed. Without --turn, --after and --match the branches are listed.
    """
    invocation = Invocation.of(ctx)
    starts = [value for value in (turn, after, match) if value is not None]
    if not starts and name is None:
        run(actions.branches.show_branches(invocation))
        return
    if not starts:
        raise UsageError(
            f"the branch '{name}' needs a turn to begin at",
            hint="say --turn N, --after N or --match TEXT",
        )
    if len(starts) > 1:
        raise UsageError("--turn, --after and --match each say where to begin: give one of them")
    if match is not None and not match.strip():
        raise UsageError("--match needs a text to look for")
    run(actions.branches.make(invocation, name, turn, after, match))


def switch(
    ctx: typer.Context,
    target: Annotated[
        str,
        typer.Argument(metavar="BRANCH", help="The branch, or - for the one that was before."),
    ],
) -> None:
    """Make another branch the current one."""
    run(actions.branches.switch(Invocation.of(ctx), target))


def rename(
    ctx: typer.Context,
    old: Annotated[str, typer.Argument(metavar="OLD", help="The name it has.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The name it shall have.")],
) -> None:
    """Give a branch another name. No name is given twice: the old one is not free then."""
    run(actions.branches.rename(Invocation.of(ctx), old, new))
