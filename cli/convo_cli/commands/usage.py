"""`convo usage`: the tokens that were spent."""

import asyncio
from typing import Annotated

import typer

from convo.store import ConversationStore
from convo_cli.commands.common import find_place, notice_of_more, show
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.options import NEWEST, Limit, newest
from convo_cli.render.usage import By
from convo_cli.render.usage import usage as usage_listing


def usage(
    ctx: typer.Context,
    by_turn: Annotated[bool, typer.Option("--by-turn", help="A row for every turn.")] = False,
    by_branch: Annotated[bool, typer.Option("--by-branch", help="A row for every branch.")] = False,
    limit: Limit = NEWEST,
) -> None:
    """Show the tokens that were spent.

    They are those of the session, or with -b of one branch. Deleted branches count. A ~ marks
    numbers that are estimates.
    """
    if by_turn and by_branch:
        raise UsageError("--by-turn and --by-branch exclude each other: give one of them")
    by: By = "turn" if by_turn else "branch" if by_branch else "total"
    asyncio.run(show_usage(Invocation.of(ctx), by, newest(limit)))


async def show_usage(invocation: Invocation, by: By, limit: int | None) -> None:
    """Write the tokens of the session that the options name; by turn, those of the newest."""
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        place = await find_place(store, settings)
        usages = await store.usage_with_total(
            place.session,
            branch_id=None if settings.branch is None else place.branch,
            by=by,
            newest=limit,
        )
    show(invocation, usage_listing(usages, by))
    if by == "turn" and len(usages.rows) < usages.total.turns:
        notice_of_more(invocation, len(usages.rows), usages.total.turns)
