"""`convo export`: a branch as a file of its own."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import typer

from convo.history.transcript import TranscriptTurn
from convo.records import MAIN
from convo.store import ConversationStore
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.output.files import write_file
from convo_cli.output.report import find_place
from convo_cli.reading import named_file
from convo_cli.render.terminal.text import counted
from convo_cli.running import run
from convo_cli.settings import Format, Settings

ExportFormat = Literal["md", "json", "jsonl", "html"]

_BY_SUFFIX: dict[str, ExportFormat] = {
    "": "md",
    ".md": "md",
    ".markdown": "md",
    ".txt": "md",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".html": "html",
    ".htm": "html",
}
_COMMON: dict[Format, ExportFormat] = {Format.JSON: "json", Format.JSONL: "jsonl"}
_STDOUT = frozenset(map(Path, ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")))


class Exported(NamedTuple):
    """A branch that is exported, and all of its turns."""

    session: str
    branch: str
    turns: Sequence[TranscriptTurn]

    @property
    def title(self) -> str:
        """What the branch is called in a document of its own."""
        return self.session if self.branch == MAIN else f"{self.session}, branch {self.branch}"


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
    path = None if output in _STDOUT else output
    chosen = _chosen(export_format, invocation.settings, path)
    exported = run(_read(invocation))
    write_export(invocation, exported, path, chosen, force=force)


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


def file_named(text: str) -> Path:
    """The file that somebody names where no shell expands a ~."""
    return named_file(text)


def format_of(path: Path | None) -> ExportFormat:
    """The format that the name of a file asks for. Raises `UsageError` for an unknown one."""
    suffix = "" if path is None else path.suffix.lower()
    if suffix not in _BY_SUFFIX:
        raise UsageError(
            f"there is no export to '{suffix}' files",
            hint="name it .md, .html, .json or .jsonl",
        )
    return _BY_SUFFIX[suffix]


async def _read(invocation: Invocation) -> Exported:
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        place = await find_place(store, settings)
        return await exported_branch(store, place.session, place.branch)


async def exported_branch(store: ConversationStore, session: str, branch: str) -> Exported:
    """A whole branch, as it is exported."""
    return Exported(session, branch, await store.transcript(session, branch))


def write_export(
    invocation: Invocation,
    exported: Exported,
    path: Path | None,
    chosen: ExportFormat,
    *,
    force: bool,
    wait: bool = True,
) -> None:
    """Write a branch to a file, and say so; without a path, to stdout."""
    if path is None or path in _STDOUT:
        invocation.terminal.write_utf8("".join(pieces(exported, chosen)))
        return
    write_file(path, pieces(exported, chosen), force=force, wait=wait)
    invocation.terminal.notice(f"wrote {counted(len(exported.turns), 'turn')} to {path}")


def pieces(exported: Exported, chosen: ExportFormat) -> Iterable[str]:
    """The text of an export, piece by piece."""
    # Imported here: each format is made by modules that the others do without.
    if chosen == "html":
        from convo_cli.render.pages.html import html

        return html(exported.turns, exported.title)
    if chosen == "md":
        from convo_cli.render.pages.markdown import markdown
        from convo_cli.render.terminal.text import safe

        return markdown(exported.turns, safe, exported.title)
    return _json(exported.turns, chosen)


def _json(turns: Sequence[TranscriptTurn], chosen: ExportFormat) -> Iterator[str]:
    from convo_cli.render.data.formats import json_lines, json_rows
    from convo_cli.render.data.transcript_rows import turn_rows

    if chosen == "json":
        yield json_rows(turn_rows(turns))
    else:
        for row in turn_rows(turns):
            yield json_lines([row])
