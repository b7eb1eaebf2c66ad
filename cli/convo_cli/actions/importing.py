"""Imports the conversations of other programs, and lists where there are any."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from convo import check_name, periods
from convo.errors import ConvoError, NotFoundError
from convo.importing.choosing import Choice, Totals
from convo.importing.registry import DOCUMENTS, MODULES, source_called
from convo.importing.source import Places, Report, Source
from convo.store import ConversationStore
from convo_cli.actions.sources import require_source, sources
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.output.importing import ImportProgress, write_summary
from convo_cli.output.report import show
from convo_cli.render import importing as render
from convo_cli.render.importing import Finding
from convo_cli.running import run

Take = Callable[[ConversationStore, Report, Totals, ImportProgress], Awaitable[None]]
"""Takes what is new into a store."""


class Wanted(NamedTuple):
    """Which sessions were asked for, as typed."""

    since: str | None
    project: str | None
    prefix: str | None
    is_dry: bool

    def choice(self) -> Choice:
        """What to take. Raises `UsageError` and `InvalidNameError`."""
        if self.prefix is not None:
            check_name("session", self.prefix)
        since = None if self.since is None else _moment(self.since)
        project = self.project
        if project is not None and project.startswith((".", "~", "/")):
            project = str(Path(project).expanduser().resolve())
        return Choice(since, project, self.prefix, self.is_dry)


def import_sessions(
    invocation: Invocation, name: str | None, paths: Sequence[str], wanted: Wanted
) -> None:
    """Import what is new, and say what was taken and what was left out."""
    if name is None:
        raise UsageError("import needs a source", hint=f"say {sources()}, or --list")
    choice = wanted.choice()
    if name == DOCUMENTS:
        import_documents(invocation, _given(paths), choice)
        return
    source = _source(name)
    found = _given(paths) if paths else _found(source)
    file = invocation.settings.file
    if file is not None and any(_is_same(path, file) for path in found):
        raise UsageError(
            f"{file} is the database itself",
            hint="name another one with --db to import its sessions there",
        )
    _import(invocation, source.name, found, choice, partial(_take, source, found, choice))


def import_documents(invocation: Invocation, paths: Sequence[Path], choice: Choice) -> None:
    """Store what is new in convo's own documents, and say what was taken and left out."""
    if not paths:
        raise UsageError("import convo needs a document", hint="say its file, folder or archive")

    async def take(
        store: ConversationStore, report: Report, totals: Totals, progress: ImportProgress
    ) -> None:
        await store.import_documents(paths, choice, report, totals, progress)

    _import(invocation, DOCUMENTS, paths, choice, take)


def _import(
    invocation: Invocation, name: str, paths: Sequence[Path], choice: Choice, take: Take
) -> None:
    """Do an import to its end or to Ctrl-C, and say what it took."""
    report, totals = Report(), Totals()
    try:
        _shown(invocation, name, paths, choice, take, report, totals)
    except KeyboardInterrupt:
        write_summary(invocation, name, totals, report, is_dry=choice.is_dry)
        raise KeyboardInterrupt("what is imported is kept; run it again for the rest") from None
    except ConvoError:
        if totals.new or totals.grown:
            write_summary(invocation, name, totals, report, is_dry=choice.is_dry)
        raise
    write_summary(invocation, name, totals, report, is_dry=choice.is_dry)


def _shown(
    invocation: Invocation,
    name: str,
    paths: Sequence[Path],
    choice: Choice,
    take: Take,
    report: Report,
    totals: Totals,
) -> None:
    async def work(progress: ImportProgress) -> None:
        path = invocation.settings.db
        async with ConversationStore(path, create=not choice.is_dry) as store:
            await take(store, report, totals, progress)

    with ImportProgress(invocation.terminal, name, paths, report, totals) as progress:
        run(work(progress))


def list_sources(invocation: Invocation, name: str | None, wanted: Wanted) -> None:
    """Write which sources are found on this machine, and how much of each is new."""
    choice = replace(wanted.choice(), is_dry=True)
    names = list(MODULES) if name is None else [_source(name).name]
    findings = []
    for each in names:
        source = source_called(each)
        if paths := _on_this_machine(source):
            report, totals = Report(), Totals()
            take = partial(_take, source, paths, choice)
            _shown(invocation, each, paths, choice, take, report, totals)
            findings.append(Finding(each, paths, totals, report.count))
    show(invocation, render.findings(findings))
    if not findings:
        invocation.terminal.notice("no conversations of other programs were found on this machine")


async def _take(
    source: Source,
    paths: Sequence[Path],
    choice: Choice,
    store: ConversationStore,
    report: Report,
    totals: Totals,
    progress: ImportProgress,
) -> None:
    await store.import_from(source, paths, choice, report, totals, progress)


def _source(name: str) -> Source:
    require_source(name)
    if name == DOCUMENTS:
        raise UsageError("documents are not looked for", hint="say convo import convo FILE")
    return source_called(name)


def _given(paths: Sequence[str]) -> list[Path]:
    found = [Path("/dev/stdin" if path == "-" else path).expanduser() for path in paths]
    for path in found:
        try:
            path.stat()
        except (FileNotFoundError, NotADirectoryError):
            raise NotFoundError(f"there is no file or folder '{path}'") from None
        except OSError as error:
            raise UsageError(f"'{path}' cannot be read: {error.strerror}") from error
    return found


def _is_same(path: Path, database: Path) -> bool:
    try:
        return path.samefile(database)
    except OSError:
        return False


def _found(source: Source) -> list[Path]:
    paths = _on_this_machine(source)
    if not paths:
        raise NotFoundError(
            f"no conversations of {source.name} were found on this machine",
            hint=f"name their files or folders: convo import {source.name} PATH",
        )
    return paths


def _on_this_machine(source: Source) -> list[Path]:
    try:
        return [path for path in source.find(Places.of_process()) if path.exists()]
    except OSError:
        # It is in a folder that may not be searched.
        return []


def _moment(said: str) -> str:
    """The moment of a time as users write it, in UTC. Raises `UsageError`."""
    try:
        return periods.beginning(said)
    except ValueError as error:
        raise UsageError(f"--since: {error}") from None
