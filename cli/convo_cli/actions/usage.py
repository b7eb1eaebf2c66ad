"""Shows the usage of tokens."""

from convo.errors import SessionNotFoundError
from convo.store import ConversationStore
from convo.usage_records import COMPLETED, UsageReport
from convo_cli.invocation import Invocation
from convo_cli.location import NothingYetError, find_location, location_to_list
from convo_cli.output.report import notice_of_more, show, show_none
from convo_cli.render.usage import By
from convo_cli.render.usage import usage as usage_listing
from convo_cli.settings import Settings


async def show_usage(invocation: Invocation, by: By, limit: int | None) -> None:
    """Write the usage of the session that the options name; by turn, that of the newest turns."""
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        try:
            usages = await _spent(store, settings, by, limit)
        except NothingYetError:
            if not settings.names_nothing:
                raise
            # Says that there is nothing yet.
            await location_to_list(store, settings, invocation.terminal.notice)
            usages = await store.usage_without_session(by=by, newest=limit)
            show_none(invocation, usage_listing(usages, by))
            return
    show(invocation, usage_listing(usages, by))
    turns = sum(row.status == COMPLETED for row in usages.rows)
    if by == "turn" and turns < usages.total.turns:
        notice_of_more(invocation, turns, usages.total.turns)


async def _spent(
    store: ConversationStore, settings: Settings, by: By, newest: int | None
) -> UsageReport:
    """The usage of a session and, if none is named, of failed turns that began no session."""
    outside = None
    if settings.names_nothing:
        outside = await store.usage_without_session(by=by, newest=newest)
    session, branch = settings.session, settings.branch
    try:
        location = await find_location(store, settings)
        session, branch = location.session, None if branch is None else location.branch
    except SessionNotFoundError:
        if outside is not None and outside.rows:
            return outside
        # A named session may not exist because its first turn failed.
        if session is None:
            raise
    found = await store.usage_with_total(session, branch_id=branch, by=by, newest=newest)
    if outside is None or not outside.rows:
        return found
    total = found.total._replace(tokens=found.total.tokens + outside.total.tokens, status=None)
    return UsageReport([*found.rows, *outside.rows], total)
