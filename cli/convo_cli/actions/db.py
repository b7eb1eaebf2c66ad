"""Checks, copies and cleans up the database file."""

from pathlib import Path

from convo.errors import NameTakenError
from convo.store import ConversationStore
from convo_cli.exits import ExitCode, UsageError
from convo_cli.invocation import Invocation
from convo_cli.output.report import report, require_yes, show
from convo_cli.render.problems import problems
from convo_cli.render.terminal.text import counted
from convo_cli.render.waiting import wait
from convo_cli.settings import Format, Settings

_SCHEMA = "public"
"""Where PostgreSQL creates tables unless a role has a search path of its own."""


def show_path(invocation: Invocation) -> None:
    """Write the path of the database file."""
    where = str(invocation.settings.file or invocation.settings.db)
    if invocation.settings.format is Format.TABLE:
        invocation.terminal.write_name(where)
    else:
        report(invocation, where, {"path": where})


async def initialise(invocation: Invocation) -> None:
    """Create what is missing of the tables."""
    settings = invocation.settings
    async with ConversationStore(settings.db, create=True) as store:
        await store.create_tables()
    database = str(settings.file or settings.db)
    report(invocation, f"{database} has its tables", {"database": database})


def write_script(invocation: Invocation, role: str | None, schema: str | None) -> None:
    """Write the SQL with which an administrator creates the tables for a role."""
    from convo.postgres.script import script

    server = invocation.settings.db
    if not isinstance(server, Path):
        role, schema = role or server.user, schema or server.schema
    if not role:
        raise UsageError("no role is named that will use the tables", hint="name a --role")
    for kind, name in (("role", role), ("schema", schema or "")):
        if not name.isprintable():
            raise UsageError(f"the name of the {kind} has control characters")
    invocation.terminal.write(script(schema or _SCHEMA, role))


async def check(invocation: Invocation, repair: bool) -> int:
    """Write the problems of the database, repair them if asked, and return the exit code."""
    async with ConversationStore(invocation.settings.db) as store:
        found = await store.check()
        if repair and found:
            remaining = await store.repair()
            repaired = max(0, len(found) - len(remaining))
            invocation.terminal.notice(f"repaired {repaired} of {counted(len(found), 'problem')}")
            found = remaining
    if found or invocation.settings.format is not Format.TABLE:
        show(invocation, problems(found))
    else:
        invocation.terminal.notice(_nothing_wrong(invocation.settings))
    return ExitCode.DATABASE if found else ExitCode.DONE


def _nothing_wrong(settings: Settings) -> str:
    if settings.file is not None and not settings.file.exists():
        return f"there is no database at {settings.db} yet"
    return "the database is sound"


async def back_up(invocation: Invocation, file: Path, force: bool) -> None:
    """Copy the database to a file."""
    settings = invocation.settings
    if settings.file is None:
        raise UsageError(
            f"{settings.db} is on a server, which has programs of its own for that",
            hint="use pg_dump, or `convo db copy` to have its sessions in a file",
        )
    async with ConversationStore(settings.db) as store:
        try:
            copy = await store.back_up(file, overwrite=force)
        except NameTakenError as error:
            error.hint = "--force writes over it"
            raise
    holds = f"{counted(copy.sessions, 'session')}, {counted(copy.messages, 'message')}"
    report(
        invocation,
        f"copied {settings.db} to {copy.path}: {holds}, {copy.size:,} bytes",
        {
            "path": copy.path,
            "bytes": copy.size,
            "sessions": copy.sessions,
            "messages": copy.messages,
        },
    )


async def collect(invocation: Invocation, force: bool, everything: bool) -> None:
    """Delete removed turns, branches and sessions for good, and free their space."""
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        session = settings.session and await _session_or_removed(store, settings.session)
        count = await store.count_removed(session)
        if count and not force:
            _confirm(invocation, count)
        removed = await store.purge_removed(session)
        freed = await store.shrink(keep_indexes=not everything)
        waits = await store.count_waiting()
    done = f"removed {counted(removed, 'thing')} that could be restored"
    # A server frees space when it sees fit.
    done += f"; freed {freed:,} bytes" if settings.file is not None else ""
    report(invocation, done, {"removed": removed, "freed_bytes": freed})
    if waits:
        invocation.terminal.notice(f"{wait(waits)} on; `convo retry --drop all` drops them")


async def _session_or_removed(store: ConversationStore, name: str) -> str:
    """The session of that name; it may be a deleted one. Raises `SessionNotFoundError`."""
    if name in {one.session_id for one in await store.removed_sessions()}:
        return name
    return await store.session_called(name)


def _confirm(invocation: Invocation, count: int) -> None:
    require_yes(
        invocation.terminal,
        f"Remove {counted(count, 'thing')} that could be restored, for good?",
        refused="nothing was removed",
        unasked="what could be restored would be gone for good",
        hint="use --force to remove it",
    )
