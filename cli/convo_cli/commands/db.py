"""`convo db …`: the database file itself."""

from pathlib import Path
from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.completing.kinds import FILES
from convo_cli.grammar import Command, Group
from convo_cli.invocation import Invocation
from convo_cli.render.data import shapes
from convo_cli.running import run
from convo_cli.written import each, one, writes

db = typer.Typer(
    name="db",
    cls=Group,
    help="Find, check, back up and clean up the database.",
    add_completion=False,
    rich_markup_mode=None,
)


@db.command("path", cls=Command)
@writes(one(shapes.PATH))
def path(ctx: typer.Context) -> None:
    """Print the path of the database file, even if it does not exist."""
    actions.db.show_path(Invocation.of(ctx))


@db.command("check", cls=Command)
@writes(each(shapes.PROBLEM))
def check(
    ctx: typer.Context,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Repair what can be repaired without deleting a message."),
    ] = False,
) -> None:
    """List the problems of the database, if there are any.

    The exit code is 6 if there are problems, or some are left after --repair.
    """
    raise typer.Exit(run(actions.db.check(Invocation.of(ctx), repair)))


@db.command("backup", cls=Command)
@writes(
    one({**shapes.PATH, "bytes": "integer", "sessions": "integer", "messages": "integer"}),
    exits=(3, 4),
)
def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The copy."), FILES],
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Copy the database to FILE, and verify the copy. Chats can go on.

    The copy is a consistent snapshot. Copying the file with `cp` is not a backup while a program
    has it open: the last turns may still be in the log beside it.
    """
    run(actions.db.back_up(Invocation.of(ctx), file, force))


@db.command("gc", cls=Command)
@writes(one({"removed": "integer", "freed_bytes": "integer"}), exits=(3, 4))
def gc(
    ctx: typer.Context,
    force: Annotated[bool, typer.Option("--force", help="Remove without asking.")] = False,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Remove the search index too, with words of removed messages."),
    ] = False,
) -> None:
    """Delete for good what could be restored, and free its space.

    With --session only what was removed from that session is deleted. Prompts that wait to be
    asked again stay. So does the search index, where the file may still contain single words of
    deleted messages; --all removes it, and the next search builds it again.
    """
    run(actions.db.collect(Invocation.of(ctx), force, everything))
