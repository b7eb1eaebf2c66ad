"""`convo import`: imports the conversations of other programs."""

from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.completing.kinds import FILES, FOLDERS, FREE, SOURCES, TIMES
from convo_cli.invocation import Invocation
from convo_cli.render.data import shapes
from convo_cli.written import each, one, writes


@writes(
    one(shapes.IMPORTED, flat=shapes.IMPORT_TOTALS),
    each(shapes.FOUND_SOURCE, "--list"),
    exits=(3,),
)
def import_(
    ctx: typer.Context,
    source: Annotated[
        str | None,
        typer.Argument(metavar="SOURCE", help="The program that the conversations are from."),
        SOURCES,
    ] = None,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH", help="Its files or folders; those on this machine if not given."
        ),
        FILES,
    ] = None,
    list_sources: Annotated[
        bool,
        typer.Option("--list", help="List the sources found on this machine, and what is new."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be imported, and store nothing.")
    ] = False,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="TIME",
            help="Only sessions with a turn since then: 2026-11-22, 7d, yesterday, this month.",
        ),
        TIMES,
    ] = None,
    project: Annotated[
        str | None,
        typer.Option("--project", metavar="FOLDER", help="Only sessions about that folder."),
        FOLDERS,
    ] = None,
    prefix: Annotated[
        str | None,
        typer.Option("--as", metavar="PREFIX", help="Begin the names of the sessions with this."),
        FREE,
    ] = None,
) -> None:
    """Import the conversations of another program.

    Each becomes a session with its branches, times and usage. Run again, it takes only what is
    new. What cannot be read is named by file and line, and left out. `convo import --list` says
    which sources are found on this machine.
    """
    invocation = Invocation.of(ctx)
    wanted = actions.importing.Wanted(since, project, prefix, is_dry=dry_run)
    if list_sources:
        actions.importing.list_sources(invocation, source, wanted)
    else:
        actions.importing.import_sessions(invocation, source, paths or [], wanted)
