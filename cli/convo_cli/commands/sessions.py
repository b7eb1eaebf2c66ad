"""`convo session …` and `convo sessions`: the conversations of a database."""

import asyncio
from typing import Annotated

import typer

from convo import check_name
from convo.store import ConversationStore
from convo_cli.grammar import Command, Group
from convo_cli.invocation import Invocation
from convo_cli.location import find_location
from convo_cli.options import NEWEST_SESSIONS, SessionLimit, newest
from convo_cli.output.last_turn import remind
from convo_cli.output.report import notice_of_more, report, require_yes, show
from convo_cli.output.waiting import waiting_in
from convo_cli.render import listings
from convo_cli.render.terminal.text import counted

session = typer.Typer(
    name="session",
    cls=Group,
    help="List, start, choose, describe, rename and delete sessions.",
    add_completion=False,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the session.")]


@session.command("list", cls=Command)
def sessions(ctx: typer.Context, limit: SessionLimit = NEWEST_SESSIONS) -> None:
    """List the sessions of the database; * marks the current one."""
    asyncio.run(show_sessions(Invocation.of(ctx), newest(limit, "sessions")))


@session.command("new", cls=Command)
def new(ctx: typer.Context, name: Name) -> None:
    """Start an empty session and make it the current one."""
    asyncio.run(_new(Invocation.of(ctx), name))


@session.command("use", cls=Command)
def use(ctx: typer.Context, name: Name) -> None:
    """Make another session the current one."""
    asyncio.run(_use(Invocation.of(ctx), name))


@session.command("rename", cls=Command)
def rename(
    ctx: typer.Context,
    old: Annotated[str, typer.Argument(metavar="OLD", help="The name it has.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The name it shall have.")],
) -> None:
    """Give a session another name."""
    asyncio.run(_rename(Invocation.of(ctx), old, new))


@session.command("delete", cls=Command)
def delete(
    ctx: typer.Context,
    name: Name,
    force: Annotated[bool, typer.Option("--force", help="Delete it without asking.")] = False,
) -> None:
    """Delete a session with all its branches, for good."""
    asyncio.run(_delete(Invocation.of(ctx), name, force))


@session.command("info", cls=Command)
def info(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="The session; the current one if not given."),
    ] = None,
) -> None:
    """Show what a session holds, and which model and agent it was last asked with."""
    asyncio.run(_info(Invocation.of(ctx), name))


async def show_sessions(invocation: Invocation, limit: int | None = NEWEST_SESSIONS) -> None:
    """Write the newest sessions of the database, which may be none; None is all of them."""
    async with ConversationStore(invocation.settings.db) as store:
        infos = await store.sessions(limit)
        there = await store.count_sessions() if len(infos) == limit else 0
    show(invocation, listings.sessions(infos))
    if there > len(infos):
        notice_of_more(invocation, len(infos), there, "sessions")


async def _info(invocation: Invocation, name: str | None) -> None:
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        if name is None:
            name = (await find_location(store, settings)).session
        name = await store.session_called(name)
        found = next(info for info in await store.sessions() if info.session_id == name)
        asked = await store.session_model(name)
    show(invocation, listings.session_info(found, asked))


async def _new(invocation: Invocation, name: str) -> None:
    check_name("session", name)
    async with ConversationStore(invocation.settings.db, create=True) as store:
        started = await store.start_session(name)
        await _report(invocation, store, f"started session '{started}'")


async def _use(invocation: Invocation, name: str) -> None:
    async with ConversationStore(invocation.settings.db) as store:
        head = await store.head()
        name = await store.session_called(name)
        await store.use_session(name, expected=head.session_id)
        already = head.session_id == name
        done = f"already in session '{name}'" if already else f"session '{name}' is current now"
        await _report(invocation, store, done)
        await remind(invocation, store, name, (await store.session_head(name)).branch_id)


async def _rename(invocation: Invocation, old: str, new: str) -> None:
    async with ConversationStore(invocation.settings.db) as store:
        old = await store.session_called(old)
        await store.rename_session(old, new)
        branch = (await store.session_head(new)).branch_id
    row = {"session": new, "branch": branch, "renamed": old}
    report(invocation, f"renamed session '{old}' to '{new}'", row)


async def _delete(invocation: Invocation, name: str, force: bool) -> None:
    async with ConversationStore(invocation.settings.db) as store:
        name = await store.session_called(name)
        waits = await waiting_in(store, name)
        too = f" and {counted(waits, 'prompt')} that waited" if waits else ""
        if not force:
            _confirm(invocation, name, too)
        await store.delete_session(name)
        await _report(invocation, store, f"deleted session '{name}'{too}", deleted=name)


def _confirm(invocation: Invocation, name: str, too: str) -> None:
    require_yes(
        invocation.terminal,
        f"Delete the session '{name}' with all its branches{too}, for good?",
        refused=f"the session '{name}' was not deleted",
        unasked=f"deleting the session '{name}' cannot be undone",
        hint="use --force to delete it",
    )


async def _report(invocation: Invocation, store: ConversationStore, done: str, **more: str) -> None:
    head = await store.head()
    branch = None if head.session_id is None else head.branch_id
    report(invocation, done, {"session": head.session_id, "branch": branch, **more})
