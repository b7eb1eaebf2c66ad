"""Lists tool calls."""

from convo.store import ConversationStore
from convo_cli.invocation import Invocation
from convo_cli.location import location_to_list
from convo_cli.output.report import show, show_none
from convo_cli.render import listings


async def show_tools(invocation: Invocation) -> None:
    """Write the tools that were called on the branch that the options name."""
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        location = await location_to_list(store, settings, invocation.terminal.notice)
        if location is None:
            show_none(invocation, listings.tools([]))
            return
        uses = await store.tools(location.session, location.branch)
    show(invocation, listings.tools(uses))
