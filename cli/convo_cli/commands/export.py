"""`convo export`: a branch as a file of its own."""

from pathlib import Path
from typing import Annotated

import typer

from convo.store import ConversationStore
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.location import find_location
from convo_cli.output.export import (
    Exported,
    ExportFormat,
    exported_branch,
    format_of,
    write_export,
)
from convo_cli.running import run
from convo_cli.settings import Format, Settings

_COMMON: dict[Format, ExportFormat] = {Format.JSON: "json", Format.JSONL: "jsonl"}


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
    invocation = Invocation.of(ctx)
    chosen = _chosen(export_format, invocation.settings, output)
    exported = run(_read(invocation))
    write_export(invocation, exported, output, chosen, force=force)


def _chosen(
    export_format: ExportFormat | None, settings: Settings, path: Path | None
) -> ExportFormat:
    common = settings.format
    if common not in {Format.TABLE, *_COMMON}:
        raise UsageError(f"export does not write {common}", hint="say md, json, jsonl or html")
    if export_format is None:
        return _COMMON.get(common) or format_of(path)
    if common is not Format.TABLE and _COMMON[common] != export_format:
        raise UsageError(f"{common} and --format {export_format} contradict each other")
    return export_format


async def _read(invocation: Invocation) -> Exported:
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        location = await find_location(store, settings)
        return await exported_branch(store, location.session, location.branch)
