"""Undoes turns, deletes branches, and restores both, and deleted sessions."""

from convo.names import only_beginning
from convo.records import RemovedSession
from convo.store import ConversationStore
from convo_cli.invocation import Invocation
from convo_cli.location import Location, find_location, location_if_there, location_to_list
from convo_cli.output.removed import checked_count, removed_called
from convo_cli.output.report import report, show, show_none
from convo_cli.output.waiting import still_waiting
from convo_cli.render import removed as removed_listing
from convo_cli.render.data.rows import removed_row
from convo_cli.render.removed import deleted
from convo_cli.settings import Format, Settings

RESTORE = "convo restore"


async def undo(invocation: Invocation, count: int | None) -> None:
    """Undo the last turns of the branch, by default one. Raises `UsageError` for fewer than one.

    If the last that happened was that a session was deleted, that is undone instead, unless a
    count, a session or a branch is given.
    """
    if count is not None:
        checked_count(count)
    async with ConversationStore(invocation.settings.db) as store:
        # A program that asks for turns to be undone means turns.
        is_user = invocation.settings.format is Format.TABLE
        if count is None and invocation.settings.names_nothing and is_user:
            deleted_session = await store.just_removed_session()
            if deleted_session is not None:
                await _restore_session(invocation, store, deleted_session.session_id)
                return
        location = await find_location(store, invocation.settings)
        entry = await store.undo(location.session, location.branch, count)
    row = {"session": location.session, **removed_row(entry)}
    report(invocation, removed_listing.undone(entry, RESTORE), row)


async def delete(invocation: Invocation, names: list[str], force: bool) -> None:
    """Delete all of these branches, or none."""
    async with ConversationStore(invocation.settings.db) as store:
        location = await find_location(store, invocation.settings)
        called = [await store.branch_called(location.session, name) for name in names]
        unique = list(dict.fromkeys(called))
        await store.delete_branches(location.session, unique, force=force)
        current = (await store.session_head(location.session)).branch_id
        still = await still_waiting(store, location.session, unique)
    moved = f"; '{current}' is current now" if current != location.head else ""
    row = {"branch": current, "session": location.session, "deleted": unique}
    report(invocation, f"{deleted(unique)}{moved}{still}; `{RESTORE}` undoes it", row)


async def show_removed(invocation: Invocation, what: str | None) -> None:
    """List what can be restored, all of it or that of one branch or deleted session."""
    settings = invocation.settings._replace(branch=None)
    async with ConversationStore(settings.db) as store:
        gone = await _removed_sessions(store, settings)
        location = await location_if_there(store, settings)
        if location is None and not gone and what is None:
            await location_to_list(store, settings, invocation.terminal.notice)
            show_none(invocation, removed_listing.removed(None, []))
            return
        if location is None and not gone:
            location = await find_location(store, settings)
        session = None if location is None else location.session
        entries = [] if session is None else await store.removed(session)
        if what is not None:
            name = await _deleted_session(store, session, what, gone)
            gone = [one for one in gone if one.session_id == name]
            if session is not None and name is None:
                branch = await removed_called(store, session, what)
                entries = [entry for entry in entries if entry.branch_id == branch]
            else:
                entries = []
    show(invocation, removed_listing.removed(session, entries, gone))


async def restore(invocation: Invocation, what: str | None) -> None:
    """Restore the last removal, or that of a branch or a deleted session."""
    # The named branch may be a deleted one.
    settings = invocation.settings._replace(branch=None)
    async with ConversationStore(settings.db) as store:
        gone = await _removed_sessions(store, settings)
        location = await location_if_there(store, settings)
        session = None if location is None else location.session
        name = await _deleted_session(store, session, what, gone)
        if name is not None:
            await _restore_session(invocation, store, name)
            return
        if location is None:
            location = await find_location(store, settings)
        await _restore_branches(invocation, store, location, what)


async def _restore_branches(
    invocation: Invocation, store: ConversationStore, location: Location, branch: str | None
) -> None:
    if branch is not None:
        branch = await removed_called(store, location.session, branch)
    ones = await store.restore(location.session, branch)
    said = [removed_listing.brought_back(one, location.head, "convo switch") for one in ones]
    invocation.done = "; ".join(said)
    if invocation.settings.format is not Format.TABLE:
        show(invocation, removed_listing.restored(location.session, location.head, ones))
        return
    for one, line in zip(ones, said, strict=True):
        invocation.terminal.write_name(one.branch_id)
        invocation.terminal.notice(line)


async def _removed_sessions(store: ConversationStore, settings: Settings) -> list[RemovedSession]:
    """The deleted sessions; of a session that is named, only those of that name."""
    named = settings.session
    return [one for one in await store.removed_sessions() if named in {None, one.session_id}]


async def _deleted_session(
    store: ConversationStore, session: str | None, what: str | None, gone: list[RemovedSession]
) -> str | None:
    """The name of the deleted session that is meant; None if a branch or turns are."""
    names = list(dict.fromkeys(one.session_id for one in gone))
    if what is None:
        last = await store.last_removed_session(session)
        return last.session_id if last is not None and last.session_id in names else None
    branches = [] if session is None else [one.branch_id for one in await store.removed(session)]
    if what in branches or (what not in names and only_beginning(what, branches) is not None):
        return None
    return what if what in names else only_beginning(what, names)


async def _restore_session(invocation: Invocation, store: ConversationStore, name: str) -> None:
    restored = await store.restore_session(name)
    invocation.done = said = removed_listing.session_brought_back(restored)
    if invocation.settings.format is not Format.TABLE:
        show(invocation, removed_listing.restored_session(restored))
        return
    invocation.terminal.write_name(name)
    invocation.terminal.notice(said)
