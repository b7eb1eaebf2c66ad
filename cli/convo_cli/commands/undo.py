"""`convo undo`, `delete` and `restore`: taking away, and bringing back."""

import asyncio
from typing import Annotated

import typer

from convo.store import ConversationStore
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.location import find_location
from convo_cli.output.removed import checked_count, removed_called
from convo_cli.output.report import report, show
from convo_cli.output.waiting import still_waiting
from convo_cli.render import removed as removed_listing
from convo_cli.render.data.rows import removed_row
from convo_cli.render.removed import deleted
from convo_cli.settings import Format

RESTORE = "convo restore"


def undo(
    ctx: typer.Context,
    count: Annotated[int, typer.Argument(metavar="N", help="How many turns; 1 if not given.")] = 1,
) -> None:
    """Take back the last N turns of the branch.

    `convo restore` brings them back. What they cost stays in the totals.
    """
    asyncio.run(_undo(Invocation.of(ctx), checked_count(count)))


def delete(
    ctx: typer.Context,
    names: Annotated[
        list[str], typer.Argument(metavar="BRANCH", help="The branches to delete, all or none.")
    ],
    force: Annotated[
        bool,
        typer.Option("--force", help="Delete the current branch too; main is then current."),
    ] = False,
) -> None:
    """Delete branches. What their turns cost stays in the totals.

    `convo restore` brings them back.
    """
    asyncio.run(_delete(Invocation.of(ctx), names, force))


def restore(
    ctx: typer.Context,
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="WHAT",
            help="A branch that was deleted or lost turns; what was taken last if not given.",
        ),
    ] = None,
    as_list: Annotated[
        bool, typer.Option("--list", help="List what can be restored, and restore nothing.")
    ] = False,
) -> None:
    """Bring back what `undo` or `delete` took, until `convo db gc`.

    The name of the branch that it is on is printed; the current branch stays current. Again, it
    goes on backwards.
    """
    invocation = Invocation.of(ctx)
    named = invocation.settings.branch
    if what is not None and named not in {None, what}:
        raise UsageError(f"'{what}' and --branch '{named}' are two branches: give one of them")
    asyncio.run(_restore(invocation, named if what is None else what, as_list))


async def _undo(invocation: Invocation, count: int) -> None:
    async with ConversationStore(invocation.settings.db) as store:
        location = await find_location(store, invocation.settings)
        entry = await store.undo(location.session, location.branch, count)
    row = {"session": location.session, **removed_row(entry)}
    report(invocation, removed_listing.undone(entry, RESTORE), row)


async def _delete(invocation: Invocation, names: list[str], force: bool) -> None:
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


async def _restore(invocation: Invocation, branch: str | None, as_list: bool) -> None:
    # The branch that is named may be one that is not there.
    settings = invocation.settings._replace(branch=None)
    async with ConversationStore(settings.db) as store:
        location = await find_location(store, settings)
        if branch is not None:
            branch = await removed_called(store, location.session, branch)
        if as_list:
            entries = await store.removed(location.session)
            shown = [entry for entry in entries if branch in {None, entry.branch_id}]
            show(invocation, removed_listing.removed(shown))
            return
        ones = await store.restore(location.session, branch)
    if settings.format is not Format.TABLE:
        show(invocation, removed_listing.restored(ones))
        return
    for one in ones:
        invocation.terminal.write_name(one.branch_id)
        invocation.terminal.notice(removed_listing.brought_back(one, location.head, "convo switch"))
