"""Bundles a branch as a document, and clones a document as a session."""

import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

from convo.documents.parsing import DocumentError
from convo.documents.storing import StoredDocument
from convo.errors import NotFoundError
from convo.names import check_name
from convo.store import ConversationStore
from convo_cli.actions.export import pieces_of, redactor_of, tell_redacted
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.location import Location, find_location
from convo_cli.output.export import write_pieces
from convo_cli.output.report import write_rows
from convo_cli.render.data import shapes
from convo_cli.render.data.formats import json_object
from convo_cli.render.terminal.text import counted
from convo_cli.running import run
from convo_cli.settings import Format

CLONE_KEYS = tuple(shapes.CLONED)


def bundle(
    invocation: Invocation, branch: str | None, output: Path | None, *, redact: bool, force: bool
) -> None:
    """Write a branch alone as a document."""
    settings = invocation.settings
    if branch is not None and settings.branch not in (None, branch):
        raise UsageError(f"--branch {settings.branch} and BRANCH contradict each other")
    settings = settings._replace(branch=branch or settings.branch)
    redactor = redactor_of(invocation) if redact else None

    async def write(file: BinaryIO) -> Location:
        async with ConversationStore(settings.db) as store:
            found = await find_location(store, settings)
            await store.write_document(
                found.session, file, branch_id=found.branch, cleaner=redactor
            )
            return found

    with tempfile.TemporaryFile() as file:
        found = run(write(file))
        if write_pieces(invocation, pieces_of(file), output, force=force):
            invocation.terminal.notice(f"wrote branch '{found.branch}' to {output}")
    tell_redacted(invocation, redactor)


def clone(invocation: Invocation, path: Path, prefix: str) -> None:
    """Store a document as a session, which is current then, and write its name."""
    if prefix:
        check_name("session", prefix)
    try:
        with path.open("rb") as given, tempfile.TemporaryFile() as copy:
            if not given.seekable():
                shutil.copyfileobj(given, copy)
            stored = run(_cloned(invocation, given if given.seekable() else copy, prefix))
    except DocumentError as error:
        raise UsageError(f"'{path}' cannot be cloned: {error}", hint=error.hint) from error
    except FileNotFoundError:
        raise NotFoundError(f"there is no file '{path}'") from None
    except OSError as error:
        raise UsageError(f"'{path}' cannot be read: {error.strerror}") from error
    told = stored.session_id, stored.outcome, stored.turns, list(stored.branches)
    row = dict(zip(CLONE_KEYS, told, strict=True))
    if invocation.settings.format is Format.TABLE:
        invocation.terminal.notice(_said(stored))
        invocation.terminal.write_name(stored.session_id)
    elif invocation.settings.format is Format.JSON:
        invocation.terminal.write_utf8_pieces(json_object(row))
    else:
        write_rows(invocation, list(row), [row])


async def _cloned(invocation: Invocation, file: BinaryIO, prefix: str) -> StoredDocument:
    async with ConversationStore(invocation.settings.db, create=True) as store:
        stored = await store.store_document(file, prefix=prefix)
        await store.use_session(stored.session_id, expected=(await store.head()).session_id)
        return stored


def _said(stored: StoredDocument) -> str:
    said = "nothing new"
    if stored.outcome == "new":
        said = f"cloned {counted(stored.turns, 'turn')}"
    elif stored.outcome == "grown":
        said = f"added {counted(stored.turns, 'new turn')} to the session"
    if stored.branches:
        said += f", with new branches {', '.join(stored.branches)}"
    if stored.deleted_here:
        said += f"; deleted here, and left out: {', '.join(stored.deleted_here)}"
    return f"{said}; it is current now"
