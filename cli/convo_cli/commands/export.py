"""`convo export`: exports a branch to a file."""

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
            help="md, json, jsonl, html or openai-jsonl; md unless the file's name says it.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="The file; stdout if not given."),
        FILES,
    ] = None,
    all_branches: Annotated[
        bool, typer.Option("--all-branches", help="The whole session, with all its branches.")
    ] = False,
    everything: Annotated[
        bool,
        typer.Option("--all", help="All sessions, a file for each, into a folder or a .zip file."),
    ] = False,
    redact: Annotated[
        bool,
        typer.Option("--redact", help="Replace keys, tokens, mail addresses and home folders."),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Write a branch, a session or everything as Markdown, JSON, JSON Lines or HTML.

    JSON of a branch has the turns as `convo show --json` has them; with --all-branches it is an
    exact document, which `convo import convo` takes. JSON Lines has one turn a line. HTML is a
    single page that loads nothing else. openai-jsonl has chat messages, one branch a line.
    """
    wanted = actions.export.Wanted(export_format, output, all_branches, everything, redact, force)
    actions.export.export(Invocation.of(ctx), wanted)
