"""Lists tool calls, and what they cost."""

from typing import Literal

from convo.store import ConversationStore
from convo_cli.exits import UsageError
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


async def show_costs(
    invocation: Invocation,
    by: Literal["tool", "turn", "branch", "session"],
    *,
    is_of_all: bool,
) -> None:
    """Write what the tools cost, of a branch, of a session, or of all sessions."""
    from convo_cli.render.tools import tool_costs

    settings = invocation.settings
    is_of_all = is_of_all or by == "session"
    if is_of_all and not settings.names_nothing:
        raise UsageError("all sessions are asked for: leave out -s and -b, or --all")
    async with ConversationStore(settings.db) as store:
        if is_of_all:
            sessions = [info.session_id for info in await store.sessions()]
            places: list[tuple[str, str | None]] = [(session, None) for session in sessions]
        else:
            location = await location_to_list(store, settings, invocation.terminal.notice)
            if location is None:
                show_none(invocation, tool_costs([], by))
                return
            whole = by == "branch" and settings.branch is None
            places = [(location.session, None if whole else location.branch)]
        costs = [cost for place in places for cost in await store.tool_costs(*place)]
    show(invocation, tool_costs(costs, by))
    if costs:
        invocation.terminal.notice(
            "tokens are estimated by size, and tokens afterwards as often as an output was sent"
        )
