"""Undoes turns, deletes branches, and restores both."""

from convo.store import ConversationStore
from convo_cli.invocation import Invocation
from convo_cli.location import find_location, location_to_list
from convo_cli.output.removed import checked_count, removed_called
from convo_cli.output.report import report, show, show_none
from convo_cli.output.waiting import still_waiting
from convo_cli.render import removed as removed_listing
from convo_cli.render.data.rows import removed_row
from convo_cli.render.removed import deleted
from convo_cli.settings import Format

RESTORE = "convo restore"


async def undo(invocation: Invocation, count: int) -> None:
    """Undo the last turns of the branch. Raises `UsageError` for fewer than one."""
    checked_count(count)
    async with ConversationStore(invocation.settings.db) as store:
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


async def show_removed(invocation: Invocation, branch: str | None) -> None:
    """List what can be restored, all of it or that of one branch."""
    settings = invocation.settings._replace(branch=None)
    async with ConversationStore(settings.db) as store:
        if branch is None:
            location = await location_to_list(store, settings, invocation.terminal.notice)
            if location is None:
                show_none(invocation, removed_listing.removed([]))
                return
        else:
            location = await find_location(store, settings)
            branch = await removed_called(store, location.session, branch)
        entries = await store.removed(location.session)
    shown = [entry for entry in entries if branch in {None, entry.branch_id}]
    show(invocation, removed_listing.removed(shown))


async def restore(invocation: Invocation, branch: str | None) -> None:
    """Restore the last removal, or the last one of a branch."""
    # The named branch may be a deleted one.
    settings = invocation.settings._replace(branch=None)
    async with ConversationStore(settings.db) as store:
        location = await find_location(store, settings)
        if branch is not None:
            branch = await removed_called(store, location.session, branch)
        ones = await store.restore(location.session, branch)
    if settings.format is not Format.TABLE:
        show(invocation, removed_listing.restored(location.session, location.head, ones))
        return
    for one in ones:
        invocation.terminal.write_name(one.branch_id)
        invocation.terminal.notice(removed_listing.brought_back(one, location.head, "convo switch"))
