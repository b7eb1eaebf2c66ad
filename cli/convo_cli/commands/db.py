"""`convo db …`: the database file itself."""

import asyncio
from typing import Annotated

import typer

from convo.store import ConversationStore
from convo_cli.commands.common import report, require_yes
from convo_cli.grammar import Command, Group
from convo_cli.invocation import Invocation
from convo_cli.render.text import counted
from convo_cli.settings import Format

db = typer.Typer(
    name="db",
    cls=Group,
    help="Where the database is, and how to free its space.",
    add_completion=False,
    rich_markup_mode=None,
)


@db.command("path", cls=Command)
def path(ctx: typer.Context) -> None:
    """Print which file the database is, whether it is there or not."""
    invocation = Invocation.of(ctx)
    where = str(invocation.settings.db.expanduser().absolute())
    if invocation.settings.format is Format.TABLE:
        invocation.terminal.write(f"{where}\n")
    else:
        report(invocation, where, {"path": where})


@db.command("gc", cls=Command)
def gc(
    ctx: typer.Context,
    force: Annotated[bool, typer.Option("--force", help="Remove it without asking.")] = False,
) -> None:
    """Remove for good what could be restored, and free its space.

    With --session only what was taken off that session is removed.
    """
    asyncio.run(_gc(Invocation.of(ctx), force))


async def _gc(invocation: Invocation, force: bool) -> None:
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        if settings.session is not None:
            await store.session_head(settings.session)
        count = await store.count_removed(settings.session)
        if count and not force:
            _confirm(invocation, count)
        removed = await store.purge_removed(settings.session)
        freed = await store.shrink()
    done = f"removed {counted(removed, 'thing')} that could be restored; freed {freed:,} bytes"
    report(invocation, done, {"removed": removed, "freed_bytes": freed})


def _confirm(invocation: Invocation, count: int) -> None:
    require_yes(
        invocation.terminal,
        f"Remove {counted(count, 'thing')} that could be restored, for good?",
        refused="nothing was removed",
        unasked="what could be restored would be gone for good",
        hint="use --force to remove it",
    )
