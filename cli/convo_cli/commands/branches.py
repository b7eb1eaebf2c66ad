"""`convo branch`, `branches`, `switch` and `rename`: making, choosing and naming branches."""

import asyncio
from typing import Annotated

import typer

from convo.errors import BranchNotFoundError
from convo.store import ConversationStore
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.location import BEFORE, find_location
from convo_cli.output.last_turn import remind
from convo_cli.output.progress import Indexing
from convo_cli.output.report import report, show
from convo_cli.render import listings
from convo_cli.settings import Format


def branches(
    ctx: typer.Context,
    tree: Annotated[
        bool, typer.Option("--tree", help="Draw how they branched, with what each turn asks.")
    ] = False,
) -> None:
    """List the branches of the session; * marks the current one."""
    invocation = Invocation.of(ctx)
    if tree:
        asyncio.run(show_tree(invocation))
    else:
        asyncio.run(show_branches(invocation))


def branch(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="The name of the new branch; made up if not given."),
    ] = None,
    turn: Annotated[
        int | None,
        typer.Option(
            "--turn",
            metavar="N",
            help="Keep the turns before turn N: the next message takes its place.",
        ),
    ] = None,
    after: Annotated[
        int | None,
        typer.Option("--after", metavar="N", help="Keep the turns up to turn N, and turn N too."),
    ] = None,
    match: Annotated[
        str | None,
        typer.Option(
            "--match", metavar="TEXT", help="Like --turn, for the first turn that says TEXT."
        ),
    ] = None,
) -> None:
    """Make a branch from a turn, and switch to it.

    Its name is printed. Without --turn, --after and --match the branches are listed.
    """
    invocation = Invocation.of(ctx)
    starts = [value for value in (turn, after, match) if value is not None]
    if not starts and name is None:
        asyncio.run(show_branches(invocation))
        return
    if not starts:
        raise UsageError(
            f"the branch '{name}' needs a turn to begin at",
            hint="say --turn N, --after N or --match TEXT",
        )
    if len(starts) > 1:
        raise UsageError("--turn, --after and --match each say where to begin: give one of them")
    if match is not None and not match.strip():
        raise UsageError("--match needs a text to look for")
    asyncio.run(_make_branch(invocation, name, turn, after, match))


def switch(
    ctx: typer.Context,
    target: Annotated[
        str,
        typer.Argument(metavar="BRANCH", help="The branch, or - for the one that was before."),
    ],
) -> None:
    """Make another branch the current one."""
    asyncio.run(_switch(Invocation.of(ctx), target))


def rename(
    ctx: typer.Context,
    old: Annotated[str, typer.Argument(metavar="OLD", help="The name it has.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The name it shall have.")],
) -> None:
    """Give a branch another name. No name is given twice: the old one is not free then."""
    asyncio.run(_rename(Invocation.of(ctx), old, new))


async def show_branches(invocation: Invocation) -> None:
    """Write the branches of the session that the options name."""
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        location = await find_location(store, settings)
        infos = await store.branches(location.session, location.head)
    show(invocation, listings.branches(infos))


async def show_tree(invocation: Invocation) -> None:
    """Write the session that the options name as it branched."""
    # Imported here: no other command of this module draws one.
    from convo_cli.output.tree import write_tree

    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        location = await find_location(store, settings)
        write_tree(invocation, await store.tree(location.session, location.head))


async def _make_branch(
    invocation: Invocation,
    name: str | None,
    turn: int | None,
    after: int | None,
    match: str | None,
) -> None:
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
                expected=location.head,
                progress=progress,
            )
    if settings.format is Format.TABLE:
        invocation.terminal.write_name(new)
    report(invocation, f"switched to new branch '{new}'", _row(location.session, new))


async def _switch(invocation: Invocation, name: str) -> None:
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


async def _rename(invocation: Invocation, old: str, new: str) -> None:
    async with ConversationStore(invocation.settings.db) as store:
        location = await find_location(store, invocation.settings)
        old = await store.branch_called(location.session, old)
        await store.rename_branch(location.session, old, new)
    report(
        invocation, f"renamed '{old}' to '{new}'", {**_row(location.session, new), "renamed": old}
    )


def _row(session: str, branch: str) -> dict[str, object]:
    return {"branch": branch, "session": session}
