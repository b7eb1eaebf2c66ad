"""`convo db …`: the database file itself."""

from pathlib import Path
from typing import Annotated

import typer

from convo.errors import NameTakenError
from convo.store import ConversationStore
from convo_cli.exits import ExitCode
from convo_cli.grammar import Command, Group
from convo_cli.invocation import Invocation
from convo_cli.output.report import report, require_yes, show
from convo_cli.render.problems import problems
from convo_cli.render.terminal.text import counted
from convo_cli.render.waiting import wait
from convo_cli.running import run
from convo_cli.settings import Format

db = typer.Typer(
    name="db",
    cls=Group,
    help="Where the database is, whether it is sound, its copy, and how to free its space.",
    add_completion=False,
    rich_markup_mode=None,
)


@db.command("path", cls=Command)
def path(ctx: typer.Context) -> None:
    """Print which file the database is, whether it is there or not."""
    invocation = Invocation.of(ctx)
    where = str(invocation.settings.db.expanduser().absolute())
    if invocation.settings.format is Format.TABLE:
        invocation.terminal.write_name(where)
    else:
        report(invocation, where, {"path": where})


@db.command("check", cls=Command)
def check(
    ctx: typer.Context,
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend what can be mended without deleting a message.")
    ] = False,
) -> None:
    """List what is wrong with the database; nothing, if all is well.

    Exit code 6 says that something is wrong, or still is after --repair.
    """
    raise typer.Exit(run(_check(Invocation.of(ctx), repair)))


async def _check(invocation: Invocation, repair: bool) -> int:
    async with ConversationStore(invocation.settings.db) as store:
        found = await store.check()
        if repair and found:
            remaining = await store.repair()
            invocation.terminal.notice(
                f"mended {max(0, len(found) - len(remaining))} of {counted(len(found), 'problem')}"
            )
            found = remaining
    if found or invocation.settings.format is not Format.TABLE:
        show(invocation, problems(found))
    else:
        invocation.terminal.notice("the database is sound")
    return ExitCode.DATABASE if found else ExitCode.DONE


@db.command("backup", cls=Command)
def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The copy.")],
    force: Annotated[
        bool, typer.Option("--force", help="Write over a file that is there.")
    ] = False,
) -> None:
    """Copy the database to FILE, verified, while chats go on.

    The copy is of one moment. To copy the file itself with `cp` is no backup while something has
    it open: the last turns may still be in the log beside it.
    """
    run(_backup(Invocation.of(ctx), file, force))


async def _backup(invocation: Invocation, file: Path, force: bool) -> None:
    settings = invocation.settings
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


@db.command("gc", cls=Command)
def gc(
    ctx: typer.Context,
    force: Annotated[bool, typer.Option("--force", help="Remove it without asking.")] = False,
    everything: Annotated[
        bool,
        typer.Option(
            "--all", help="Remove the index of searches too, with the words of what is gone."
        ),
    ] = False,
) -> None:
    """Remove for good what could be restored, and free its space.

    With --session only what was taken off that session is removed. Prompts that wait to be asked
    again stay. So does the index of searches, in which single words of what is gone can be found
    in the file; with --all it goes, and the next search makes it again.
    """
    run(_gc(Invocation.of(ctx), force, everything))


async def _gc(invocation: Invocation, force: bool, everything: bool) -> None:
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        session = settings.session and await store.session_called(settings.session)
        count = await store.count_removed(session)
        if count and not force:
            _confirm(invocation, count)
        removed = await store.purge_removed(session)
        freed = await store.shrink(keep_indexes=not everything)
        waits = await store.count_waiting()
    done = f"removed {counted(removed, 'thing')} that could be restored; freed {freed:,} bytes"
    report(invocation, done, {"removed": removed, "freed_bytes": freed})
    if waits:
        invocation.terminal.notice(f"{wait(waits)} on; `convo retry --drop all` drops them")


def _confirm(invocation: Invocation, count: int) -> None:
    require_yes(
        invocation.terminal,
        f"Remove {counted(count, 'thing')} that could be restored, for good?",
        refused="nothing was removed",
        unasked="what could be restored would be gone for good",
        hint="use --force to remove it",
    )
