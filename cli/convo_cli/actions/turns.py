"""Lists the turns of a branch."""

from convo.store import ConversationStore
from convo_cli.invocation import Invocation
from convo_cli.location import location_to_list
from convo_cli.options import NEWEST
from convo_cli.output.report import notice_of_more, show, show_none
from convo_cli.output.waiting import standing_of
from convo_cli.render import listings


async def show_turns(
    invocation: Invocation, limit: int | None = NEWEST, *, only_starred: bool = False
) -> None:
    """Write the newest turns of the branch that the options name; `limit` None is all of them.

    With `only_starred`, those that have a star.
    """
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        location = await location_to_list(store, settings, invocation.terminal.notice)
        if location is None:
            show_none(invocation, listings.turns([]))
            return
        if only_starred:
            every = await store.turns(location.session, location.branch)
            infos = [info for info in every if info.marks.starred][-(limit or len(every)) :]
            show(invocation, listings.turns(infos))
            return
        infos = await store.turns(location.session, location.branch, limit)
        newest = await store.failed_turn(
            location.session, location.branch, or_new=settings.names_nothing
        )
        standing = await standing_of(store, newest)
    show(invocation, listings.turns(infos))
    if infos and infos[0].turn > 1:
        notice_of_more(invocation, len(infos), infos[-1].turn)
    if standing is not None:
        invocation.terminal.notice(standing)
