"""`convo turns`: what was asked on a branch."""

import asyncio

import typer

from convo.store import ConversationStore
from convo_cli.commands.common import find_place, show
from convo_cli.invocation import Invocation
from convo_cli.render import listings


def turns(ctx: typer.Context) -> None:
    """List the turns of a branch: what was asked, and what it cost."""
    asyncio.run(show_turns(Invocation.of(ctx)))


async def show_turns(invocation: Invocation) -> None:
    """Write the turns of the branch that the options name."""
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        place = await find_place(store, settings)
        infos = await store.turns(place.session, place.branch)
    show(invocation, listings.turns(infos))
