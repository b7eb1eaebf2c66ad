"""Creates, switches, renames and lists branches."""

from convo.errors import BranchNotFoundError
from convo.store import ConversationStore
from convo_cli.invocation import Invocation
from convo_cli.location import BEFORE, find_location, location_to_list
from convo_cli.output.last_turn import remind
from convo_cli.output.progress import Indexing
from convo_cli.output.report import report, show, show_none
from convo_cli.render import listings
from convo_cli.render.pending import branched
from convo_cli.settings import Format


async def show_branches(invocation: Invocation) -> None:
    """Write the branches of the session that the options name."""
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        location = await location_to_list(store, settings, invocation.terminal.notice)
        if location is None:
            show_none(invocation, listings.branches([]))
            return
        infos = await store.branches(location.session, location.head)
    show(invocation, listings.branches(infos))


async def show_tree(invocation: Invocation) -> None:
    """Write the tree of branches of the session that the options name."""
    # Imported here because no other command of this module draws a tree.
    from convo_cli.output.tree import write_no_tree, write_tree

    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        location = await location_to_list(store, settings, invocation.terminal.notice)
        if location is None:
            write_no_tree(invocation)
            return
        write_tree(invocation, await store.tree(location.session, location.head))


async def make(
    invocation: Invocation,
    name: str | None,
    turn: str | None,
    after: str | None,
    match: str | None,
    *,
    no_switch: bool,
) -> None:
    """Create a branch from a turn and, unless `no_switch`, go to it. Its name goes to stdout."""
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        location = await find_location(store, settings)
        with Indexing(invocation.terminal) as progress:
            new = await store.branch(
                location.session,
                location.branch,
                turn=turn,
                match=match,
                after=after,
                name=name,
                expected=None if no_switch else location.head,
                progress=progress,
            )
    invocation.done = said = branched(new, location.head if no_switch else new)
    if settings.format is Format.TABLE:
        invocation.terminal.write_name(new)
    report(invocation, said, _row(location.session, new))


async def switch(invocation: Invocation, name: str) -> None:
    """Make another branch current; `-` is the previous one."""
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        location = await find_location(store, settings)
        target = location.previous if name == BEFORE else name
        if target is None or (name == BEFORE and target == location.head):
            raise BranchNotFoundError(f"there is no branch to go back to from '{location.head}'")
        target = await store.branch_called(location.session, target)
        await store.switch(location.session, target, expected=location.head)
        done = (
            f"already on branch '{target}'"
            if target == location.head
            else f"switched to '{target}'"
        )
        report(invocation, done, _row(location.session, target))
        await remind(invocation, store, location.session, target)


async def rename(invocation: Invocation, old: str, new: str) -> None:
    """Rename a branch."""
    async with ConversationStore(invocation.settings.db) as store:
        location = await find_location(store, invocation.settings)
        old = await store.branch_called(location.session, old)
        await store.rename_branch(location.session, old, new)
    report(
        invocation, f"renamed '{old}' to '{new}'", {**_row(location.session, new), "renamed": old}
    )


def _row(session: str, branch: str) -> dict[str, object]:
    return {"branch": branch, "session": session}
