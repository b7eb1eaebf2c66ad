"""`convo tools`: which tools were called."""

import asyncio

import typer

from convo.store import ConversationStore
from convo_cli.invocation import Invocation
from convo_cli.location import find_location
from convo_cli.output.report import show
from convo_cli.render import listings


def tools(ctx: typer.Context) -> None:
    """List the tools that were called on a branch, by turn."""
    asyncio.run(show_tools(Invocation.of(ctx)))


async def show_tools(invocation: Invocation) -> None:
    """Write the tools that were called on the branch that the options name."""
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        location = await find_location(store, settings)
        uses = await store.tools(location.session, location.branch)
    show(invocation, listings.tools(uses))
