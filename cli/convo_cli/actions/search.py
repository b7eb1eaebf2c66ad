"""Searches the messages of the database."""

from convo.records import Found
from convo.store import ConversationStore
from convo_cli.actions.sources import require_source
from convo_cli.invocation import Invocation
from convo_cli.location import find_location
from convo_cli.output.found import check_text, nothing_says, write_found
from convo_cli.output.progress import Indexing
from convo_cli.render.found import shown_by
from convo_cli.running import run
from convo_cli.settings import Format


def search(invocation: Invocation, text: str, limit: int, source: str | None) -> None:
    """Write the best matches, 0 for all of them, in sessions from a source or in all.

    Raises `NoMatchError` and `UsageError`.
    """
    check_text(text)
    if source is not None:
        require_source(source)
    hits = run(_found(invocation, text, limit, source))
    write_found(invocation, hits, limit)
    settings = invocation.settings
    if not hits:
        raise nothing_says(text, settings.session, settings.branch, source)
    if settings.format is Format.TABLE:
        invocation.terminal.notice(shown_by(hits[0]))


async def _found(invocation: Invocation, text: str, limit: int, source: str | None) -> list[Found]:
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        session = branch = None
        if settings.branch is not None:
            location = await find_location(store, settings)
            session, branch = location.session, location.branch
        elif settings.session is not None:
            session = await store.session_called(settings.session)
        with Indexing(invocation.terminal) as progress:
            return await store.search(
                text, session, branch, source=source, limit=limit or None, progress=progress
            )
