"""Exports a branch, a session or everything."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from convo.store import ConversationStore
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.location import Location, find_location
from convo_cli.output.export import (
    NO_COSTS,
    STDOUT,
    Exported,
    costs_of,
    exported_branch,
    format_of,
    session_pieces,
    write_export,
    write_pieces,
)
from convo_cli.output.files import Pieces
from convo_cli.render.terminal.text import counted
from convo_cli.running import run
from convo_cli.settings import ExportFormat, Format, Settings

if TYPE_CHECKING:
    from convo_cli.output.folders import NewFiles
    from convo_cli.render.data.chat_lines import ChatLines
    from convo_cli.render.redacting.redactor import Redactor

_COMMON: dict[Format, ExportFormat] = {Format.JSON: "json", Format.JSONL: "jsonl"}
_ENDINGS: dict[ExportFormat, str] = {"openai-jsonl": ".jsonl"}
_PIECE = 1024 * 1024


class Wanted(NamedTuple):
    """What to export, in which format, and where to, as typed."""

    format: ExportFormat | None
    output: Path | None
    all_branches: bool
    everything: bool
    redact: bool
    force: bool


class _Export:
    """One export, with what is to be said about it at the end."""

    def __init__(self, invocation: Invocation, wanted: Wanted) -> None:
        self.invocation = invocation
        self.wanted = wanted
        self.turns: int | None = None
        self.format = _chosen(wanted, invocation.settings)
        self._prices = invocation.prices if self.format == "html" else None
        self.chats = _new_chats() if self.format == "openai-jsonl" else None
        self.redactor: Redactor | None = redactor_of(invocation) if wanted.redact else None

    async def branch(self, store: ConversationStore, location: Location) -> Exported:
        """A branch, read to be written."""
        exported = await exported_branch(store, location.session, location.branch, self._prices)
        if self.redactor is None:
            return exported
        from convo_cli.render.redacting.turns import RedactedTurns

        session, branch = map(self.redactor.text, exported[:2])
        turns = RedactedTurns(exported.turns, self.redactor)
        return Exported(session, branch, turns, exported.costs)

    async def session(
        self, store: ConversationStore, name: str, file: BinaryIO, current: str | None = None
    ) -> Pieces:
        """A whole session, read to be written; `file` is empty, and may be used for that.

        A page begins with the branch `current`, or else with that of the head.
        """
        if self.format == "json":
            await store.write_document(name, file, cleaner=self.redactor)
            if self.redactor is not None:
                self.redactor.end()
            return pieces_of(file)
        session = await store.whole_session(name, current)
        self.turns = sum(len(line.turns) for line in session.lines)
        costs = NO_COSTS
        if self._prices is not None:
            costs = await costs_of(store, session, self._prices)
        if self.redactor is not None:
            from convo_cli.render.redacting.turns import redacted_session

            session = redacted_session(session, self.redactor)
        return session_pieces(session, self.format, self.chats, costs)

    def tell(self) -> None:
        """Tell the user what was replaced, and what could not be expressed."""
        for notice in self.chats.notices() if self.chats is not None else ():
            self.invocation.terminal.notice(notice)
        tell_redacted(self.invocation, self.redactor)


def export(invocation: Invocation, wanted: Wanted) -> None:
    """Write what was asked for to a file or a folder, or to stdout."""
    if wanted.everything:
        _check_everything(invocation.settings, wanted)
    one = _Export(invocation, wanted)
    if wanted.everything:
        run(_write_everything(one))
    elif wanted.all_branches:
        _write_session(one)
    else:
        exported = run(_read(one))
        write_export(
            invocation, exported, wanted.output, one.format, force=wanted.force, chats=one.chats
        )
    one.tell()


def _new_chats() -> "ChatLines":
    # Imported here because few exports need it.
    from convo_cli.render.data.chat_lines import ChatLines

    return ChatLines()


def redactor_of(invocation: Invocation) -> "Redactor":
    """A redactor that knows the keys and the home folder of this machine, too."""
    # Imported here because few exports need it.
    from convo_cli.render.redacting.redactor import Redactor
    from convo_cli.turn.redact import secrets_of

    home = Path("~").expanduser()
    homes = [str(home)] if len(home.parts) > 2 else []
    return Redactor(secrets_of(invocation.environ), homes)


def tell_redacted(invocation: Invocation, redactor: "Redactor | None") -> None:
    """Tell the user how many secrets of which kind were replaced."""
    if redactor is None:
        return
    invocation.terminal.notice(f"redacted: {redactor.said()}")
    if redactor.unread:
        files = counted(redactor.unread, "attachment")
        invocation.terminal.notice(f"{files} could not be searched for secrets: look at them")


def pieces_of(file: BinaryIO) -> Iterator[bytes]:
    """A file that was written before, piece by piece."""
    file.seek(0)
    while piece := file.read(_PIECE):
        yield piece


def _chosen(wanted: Wanted, settings: Settings) -> ExportFormat:
    common = settings.format
    if common not in {Format.TABLE, *_COMMON}:
        raise UsageError(
            f"export does not write {common}", hint="say md, json, jsonl, html or openai-jsonl"
        )
    if wanted.output is not None and wanted.output.suffix.lower() == ".convo":
        if not wanted.all_branches or wanted.format not in {None, "json"}:
            raise UsageError(
                "a .convo file has a whole branch or session", hint="say bundle, or --all-branches"
            )
        return "json"
    if wanted.format is None:
        return _COMMON.get(common) or format_of(None if wanted.everything else wanted.output)
    if common is not Format.TABLE and _COMMON[common] != wanted.format:
        raise UsageError(f"{common} and --format {wanted.format} contradict each other")
    return wanted.format


def _check_everything(settings: Settings, wanted: Wanted) -> None:
    if not settings.names_nothing:
        raise UsageError("--all exports every session: leave --session and --branch out")
    if wanted.output is None or wanted.output in STDOUT:
        raise UsageError(
            "--all writes a file for each session", hint="say -o FOLDER or -o FILE.zip"
        )


async def _read(one: _Export) -> Exported:
    settings = one.invocation.settings
    async with ConversationStore(settings.db) as store:
        return await one.branch(store, await find_location(store, settings))


def _write_session(one: _Export) -> None:
    with tempfile.TemporaryFile() as file:
        name, pieces = run(_read_session(one, file))
        output, force = one.wanted.output, one.wanted.force
        if write_pieces(one.invocation, pieces, output, force=force):
            what = f"session '{name}'" if one.turns is None else counted(one.turns, "turn")
            one.invocation.terminal.notice(f"wrote {what} to {output}")


async def _read_session(one: _Export, file: BinaryIO) -> tuple[str, Pieces]:
    settings = one.invocation.settings
    async with ConversationStore(settings.db) as store:
        location = await find_location(store, settings)
        return location.session, await one.session(store, location.session, file, location.branch)


async def _write_everything(one: _Export) -> None:
    from convo_cli.output.folders import files_for

    path, terminal = one.wanted.output, one.invocation.terminal
    assert path is not None
    with files_for(path, force=one.wanted.force) as files:
        try:
            async with ConversationStore(one.invocation.settings.db) as store:
                await _write_sessions(one, store, files)
        finally:
            # An error is told on a line of its own.
            terminal.status("")
    terminal.notice(f"wrote {counted(files.count, 'session')} to {path}")


async def _write_sessions(one: _Export, store: ConversationStore, files: "NewFiles") -> None:
    from convo_cli.render.file_names import FileNames

    names = FileNames()
    ending = _ENDINGS.get(one.format, f".{one.format}")
    sessions = [info.session_id for info in await store.sessions()]
    sessions.reverse()
    if not sessions:
        await find_location(store, one.invocation.settings)
    if one.format == "json":
        sessions += await store.sessions_without_record()
    for number, session in enumerate(sessions):
        one.invocation.terminal.status(
            f"exported {number:,} of {counted(len(sessions), 'session')}"
        )
        shown = session if one.redactor is None else one.redactor.text(session)
        with tempfile.TemporaryFile() as file:
            pieces = await one.session(store, session, file)
            files.add(names.unused(shown, ending), pieces)
