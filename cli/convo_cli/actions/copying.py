"""Copies whole sessions from one database to another, files and servers alike."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from convo.errors import ConflictError, NameTakenError, NotFoundError
from convo.store import ConversationStore
from convo.store.copying import CopyStep
from convo_cli.config.databases import DatabaseNameError, server_at
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.output.report import report
from convo_cli.render.terminal.text import counted
from convo_cli.running import run

if TYPE_CHECKING:
    from convo.copying.copying import Copied
    from convo.postgres.url import ServerAddress

_GOES_ON = "leave out what is there with --skip-existing, or rename it"


def copy(
    invocation: Invocation, source: str, target: str, names: Sequence[str], *, skip_existing: bool
) -> None:
    """Copy sessions, all or those of some names, and say what was copied and compared."""
    here, there = _database(invocation, source, "FROM"), _database(invocation, target, "TO")
    if isinstance(here, Path) and not here.exists():
        raise NotFoundError(f"there is no database at {here}")
    if _is_same(here, there):
        raise UsageError("FROM and TO are one database", hint="name another one to copy to")
    named = names or [one for one in (invocation.given.session,) if one is not None]
    try:
        done = run(_copied(invocation, here, there, named, skip_existing))
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            "what is copied is kept; --skip-existing goes on with the rest"
        ) from None
    except (ConflictError, NameTakenError) as error:
        error.hint = error.hint or _GOES_ON
        raise
    _tell(invocation, here, there, done)


def _database(invocation: Invocation, text: str, named_by: str) -> "Path | ServerAddress":
    try:
        server = server_at(text, named_by, may_have_password=False)
        return Path(text).expanduser() if server is None else invocation.asking(server)
    except DatabaseNameError as error:
        raise UsageError(str(error), hint=error.hint) from None
    except RuntimeError:
        raise UsageError(f"{named_by} is in the home of a user that does not exist") from None


def _is_same(here: "Path | ServerAddress", there: "Path | ServerAddress") -> bool:
    if isinstance(here, Path) and isinstance(there, Path):
        return there.exists() and there.samefile(here)
    return here == there


async def _copied(
    invocation: Invocation,
    here: "Path | ServerAddress",
    there: "Path | ServerAddress",
    names: Sequence[str],
    skip_existing: bool,
) -> "list[Copied]":
    terminal = invocation.terminal

    def tell(step: CopyStep) -> None:
        name = f"'{step.name}'" if step.name else "what belongs to no session"
        terminal.status(f"copying {step.number} of {step.total}: {name}")

    async with ConversationStore(here) as source:
        chosen = [await source.session_called(name) for name in names] or None
        async with ConversationStore(there, create=True) as target:
            try:
                return await source.copy_to(target, chosen, skip_existing=skip_existing, told=tell)
            finally:
                terminal.status("")


def _tell(
    invocation: Invocation,
    here: "Path | ServerAddress",
    there: "Path | ServerAddress",
    done: "Sequence[Copied]",
) -> None:
    new = [one for one in done if one.is_new]
    sessions = sum(one.is_session for one in new)
    messages, lines = sum(one.messages for one in new), sum(one.lines for one in new)
    skipped = len(done) - len(new)
    said = f"copied {counted(sessions, 'session')}, {counted(messages, 'message')} to {there}"
    if skipped:
        said += f"; left out {counted(skipped, 'session')} that it has already"
    if new:
        said += f"; {counted(lines, 'line')} of turns compared by hash"
    report(
        invocation,
        said,
        {
            "from": str(here),
            "to": str(there),
            "sessions": sessions,
            "messages": messages,
            "lines": lines,
            "skipped": skipped,
        },
    )
