"""`convo db …`: the database file itself."""

from pathlib import Path
from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.grammar import Command, Group
from convo_cli.invocation import Invocation
from convo_cli.running import run

db = typer.Typer(
    name="db",
    cls=Group,
    help="Where the database is, whether it is sound, its copy, and how to free its space.",
    add_completion=False,
    rich_markup_mode=None,
)


@db.command("path", cls=Command)
def path(ctx: typer.Context) -> None:
    """Print which file the database is, whether it is there or not."""
    actions.db.show_path(Invocation.of(ctx))


@db.command("check", cls=Command)
def check(
    ctx: typer.Context,
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend what can be mended without deleting a message.")
    ] = False,
) -> None:
    """List what is wrong with the database; nothing, if all is well.

    Exit code 6 says that something is wrong, or still is after --repair.
    """
    raise typer.Exit(run(actions.db.check(Invocation.of(ctx), repair)))


@db.command("backup", cls=Command)
def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The copy.")],
    force: Annotated[
        bool, typer.Option("--force", help="Write over a file that is there.")
    ] = False,
) -> None:
    """Copy the database to FILE, verified, while chats go on.

    The copy is of one moment. To copy the file itself with `cp` is no backup while something has
    it open: the last turns may still be in the log beside it.
    """
    run(actions.db.back_up(Invocation.of(ctx), file, force))


@db.command("gc", cls=Command)
def gc(
    ctx: typer.Context,
    force: Annotated[bool, typer.Option("--force", help="Remove it without asking.")] = False,
    everything: Annotated[
        bool,
        typer.Option(
            "--all", help="Remove the index of searches too, with the words of what is gone."
        ),
    ] = False,
) -> None:
    """Remove for good what could be restored, and free its space.

    With --session only what was taken off that session is removed. Prompts that wait to be asked
    again stay. So does the index of searches, in which single words of what is gone can be found
    in the file; with --all it goes, and the next search makes it again.
    """
    run(actions.db.collect(Invocation.of(ctx), force, everything))
