"""Exports a branch, or a whole session."""

from pathlib import Path
from typing import TYPE_CHECKING

from convo.store import ConversationStore
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.location import find_location
from convo_cli.output.export import (
    Exported,
    ExportedSession,
    exported_branch,
    exported_session,
    format_of,
    write_export,
)
from convo_cli.running import run
from convo_cli.settings import ExportFormat, Format, Settings

if TYPE_CHECKING:
    from convo.usage.prices import PriceBook

_COMMON: dict[Format, ExportFormat] = {Format.JSON: "json", Format.JSONL: "jsonl"}


def export(
    invocation: Invocation,
    export_format: ExportFormat | None,
    output: Path | None,
    *,
    force: bool,
    all_branches: bool,
) -> None:
    """Write the branch that the options name, or all of its session, to a file or to stdout."""
    chosen = _chosen(export_format, invocation.settings, output)
    if all_branches and chosen != "html":
        raise UsageError(f"{chosen} holds one branch", hint="--all-branches is for html")
    prices = invocation.prices if chosen == "html" else None
    exported = run(_read(invocation, prices, all_branches=all_branches))
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


async def _read(
    invocation: Invocation, prices: "PriceBook | None", *, all_branches: bool
) -> Exported | ExportedSession:
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        location = await find_location(store, settings)
        if all_branches and prices is not None:
            return await exported_session(store, location.session, location.branch, prices)
        return await exported_branch(store, location.session, location.branch, prices)
