"""`convo export`: exports a branch, or a whole session, to a file."""

from pathlib import Path
from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.completing.kinds import FILES
from convo_cli.invocation import Invocation
from convo_cli.settings import ExportFormat
from convo_cli.written import TEXT, writes


@writes(TEXT, exits=(3, 4))
def export(
    ctx: typer.Context,
    export_format: Annotated[
        ExportFormat | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="md, json, jsonl or html; from the name of the file if not given, else md.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="The file; stdout if not given."),
        FILES,
    ] = None,
    all_branches: Annotated[
        bool,
        typer.Option("--all-branches", help="All branches of the session; for html."),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Write a branch as Markdown, JSON, JSON Lines or HTML.

    JSON has the turns as `convo show --json` has them, JSON Lines has one turn a line. HTML is a
    single page that loads nothing else; with --all-branches it has a tree of the branches, and
    shows two of them side by side.
    """
    actions.export.export(
        Invocation.of(ctx), export_format, output, force=force, all_branches=all_branches
    )
