"""Lists, creates, switches, renames and deletes sessions."""

import shlex

from convo import check_name
from convo.records import MAIN
from convo.store import ConversationStore
from convo_cli.actions.sources import require_source
from convo_cli.invocation import Invocation
from convo_cli.location import find_location
from convo_cli.options import NEWEST_SESSIONS
from convo_cli.output.last_turn import remind
from convo_cli.output.report import notice_of_more, report, require_yes, show
from convo_cli.output.waiting import waiting_in
from convo_cli.render import listings
from convo_cli.render.pending import started
from convo_cli.render.terminal.text import counted


async def show_sessions(
    invocation: Invocation,
    limit: int | None = NEWEST_SESSIONS,
    source: str | None = None,
    *,
    only_here: bool = False,
    only_starred: bool = False,
) -> None:
    """Write the newest sessions of the database; `limit` None is all of them.

    With `source`, only those that were imported from it, with `only_here`, only those of the
    current folder, and with `only_starred`, only those with a star. Raises `UsageError`.
    """
    folder = invocation.settings.folder if only_here else None
    if source is not None:
        require_source(source)
    async with ConversationStore(invocation.settings.db) as store:
        if only_starred:
            every = await store.sessions(source=source, folder=folder)
            chosen = [info for info in every if info.is_starred]
            show(invocation, listings.sessions(chosen[:limit]))
            return
        infos = await store.sessions(limit, source=source, folder=folder)
        is_full = len(infos) == limit
        there = await store.count_sessions(source=source, folder=folder) if is_full else 0
    show(invocation, listings.sessions(infos))
    if there > len(infos):
        notice_of_more(invocation, len(infos), there, "sessions")


async def show_info(invocation: Invocation, name: str | None) -> None:
    """Write the details of a session, by default the current one."""
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        if name is None:
            name = (await find_location(store, settings)).session
        name = await store.session_called(name)
        found = await store.session_info(name)
        asked = await store.session_model(name)
        folder = await store.session_folder(name)
        origin = await store.session_origin(name)
    show(invocation, listings.session_info(found, asked, folder, origin))


async def start(invocation: Invocation, name: str, *, no_switch: bool) -> None:
    """Create an empty session and, unless `no_switch`, make it current."""
    check_name("session", name)
    async with ConversationStore(invocation.settings.db, create=True) as store:
        new = await store.start_session(name, switch=not no_switch)
        await _note_folder(invocation, store, new)
        current = (await store.head()).session_id
    row = {"session": new, "branch": MAIN}
    report(invocation, started(new, current), row)


async def use(invocation: Invocation, name: str) -> None:
    """Make another session current."""
    async with ConversationStore(invocation.settings.db) as store:
        head = await store.head()
        name = await store.session_called(name)
        await store.use_session(name, expected=head.session_id)
        await _note_folder(invocation, store, name)
        already = head.session_id == name
        done = f"already in session '{name}'" if already else f"session '{name}' is current now"
        await _report(invocation, store, done)
        await remind(invocation, store, name, (await store.session_head(name)).branch_id)


async def rename(invocation: Invocation, old: str, new: str) -> None:
    """Rename a session."""
    async with ConversationStore(invocation.settings.db) as store:
        old = await store.session_called(old)
        await store.rename_session(old, new)
        branch = (await store.session_head(new)).branch_id
    row = {"session": new, "branch": branch, "renamed": old}
    report(invocation, f"renamed session '{old}' to '{new}'", row)


async def delete(invocation: Invocation, name: str, force: bool) -> None:
    """Delete a session, after asking unless forced; it can be restored."""
    async with ConversationStore(invocation.settings.db) as store:
        name = await store.session_called(name)
        waits = await waiting_in(store, name)
        too = f" and {counted(waits, 'waiting prompt')}" if waits else ""
        if not force:
            _confirm(invocation, name, too)
        await store.delete_session(name)
        undo = f"`convo restore {shlex.quote(name)}` brings it back"
        await _report(invocation, store, f"deleted session '{name}'{too}; {undo}", deleted=name)


async def _note_folder(invocation: Invocation, store: ConversationStore, name: str) -> None:
    """Record the folder of a session that is to go on here, if folders are recorded."""
    if invocation.settings.folder is not None:
        await store.note_folder(name, invocation.settings.folder)


def _confirm(invocation: Invocation, name: str, too: str) -> None:
    require_yes(
        invocation.terminal,
        f"Delete the session '{name}' with all its branches{too}?",
        refused=f"the session '{name}' was not deleted",
        unasked=f"deleting the session '{name}' needs a yes",
        hint="use --force to delete it",
    )


async def _report(invocation: Invocation, store: ConversationStore, done: str, **more: str) -> None:
    head = await store.head()
    branch = None if head.session_id is None else head.branch_id
    report(invocation, done, {"session": head.session_id, "branch": branch, **more})
