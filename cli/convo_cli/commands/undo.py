"""`convo undo`, `delete` and `restore`."""

from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.completing.kinds import BRANCHES, FREE, REMOVED
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.render.data import shapes
from convo_cli.running import run
from convo_cli.written import each, one, writes


@writes(one(shapes.REMOVED), exits=(3,))
def undo(
    ctx: typer.Context,
    count: Annotated[
        int | None,
        typer.Argument(
            metavar="N", help="How many turns; 1, or the last merge or squash, if not given."
        ),
        FREE,
    ] = None,
) -> None:
    """Undo the last N turns of the branch, or the merge or squash that came last.

    `convo restore` brings them back. Their cost stays in the totals. Right after `convo session
    delete`, `convo undo` alone brings that session back.
    """
    run(actions.undo.undo(Invocation.of(ctx), count))


@writes(one({**shapes.PLACE, "deleted": "[text]"}), exits=(3, 4))
def delete(
    ctx: typer.Context,
    names: Annotated[
        list[str],
        typer.Argument(metavar="BRANCH", help="The branches to delete, all or none."),
        BRANCHES,
    ],
    force: Annotated[
        bool,
        typer.Option("--force", help="Delete the current branch too; main is then current."),
    ] = False,
) -> None:
    """Delete branches. The cost of their turns stays in the totals.

    `convo restore` brings them back.
    """
    run(actions.undo.delete(Invocation.of(ctx), names, force))


@writes(
    one(shapes.RESTORED_REPORT, flat=shapes.RESTORED),
    each(shapes.REMOVED, "--list"),
    exits=(3,),
)
def restore(
    ctx: typer.Context,
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="WHAT",
            help="A deleted session, or a branch that was deleted or lost turns; the last removal "
            "if not given.",
        ),
        REMOVED,
    ] = None,
    as_list: Annotated[
        bool, typer.Option("--list", help="List what can be restored, and restore nothing.")
    ] = False,
) -> None:
    """Bring back what `undo`, `delete` or `session delete` removed.

    This works until `convo db gc`. The name of the restored branch or session is printed; the
    current branch stays current. Repeat the command to restore earlier removals.
    """
    invocation = Invocation.of(ctx)
    named = invocation.settings.branch
    if what is not None and named not in {None, what}:
        raise UsageError(f"'{what}' and --branch '{named}' are two branches: give one of them")
    branch = named if what is None else what
    if as_list:
        run(actions.undo.show_removed(invocation, branch))
    else:
        run(actions.undo.restore(invocation, branch))
