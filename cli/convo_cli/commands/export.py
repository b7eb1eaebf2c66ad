"""`convo export`: a branch as a file of its own."""

from pathlib import Path
from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.invocation import Invocation
from convo_cli.settings import ExportFormat


def export(
    ctx: typer.Context,
    export_format: Annotated[
        ExportFormat | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="md, json, jsonl or html; what the name of the file says, else md.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="The file; stdout if not given."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write over a file that is there.")
    ] = False,
) -> None:
    """Write a branch as Markdown, JSON, JSON Lines or HTML.

    JSON has the turns as `convo show --json` does, JSON Lines a turn to a line. HTML is one page
    that needs nothing else.
    """
    actions.export.export(Invocation.of(ctx), export_format, output, force=force)
