"""Which session and branch a command works on."""

from typing import NamedTuple

from convo.errors import SessionNotFoundError
from convo.records import MAIN
from convo.store import ConversationStore
from convo_cli.settings import Settings

BEFORE = "-"
"""The name that `convo switch` takes for the branch that was current before."""


class Place(NamedTuple):
    """Where a command works: a session, a branch of it, and where the session's head is.

    `branch` is `head` unless -b names another; `previous` is where the head was before.
    """

    session: str
    branch: str
    head: str
    previous: str | None


async def find_place(store: ConversationStore, settings: Settings) -> Place:
    """The session and branch that the options name, or else those of the head.

    The beginning of a name is enough. Raises `SessionNotFoundError` and `BranchNotFoundError`.
    """
    if settings.session is not None:
        settings = settings._replace(session=await store.session_called(settings.session))
    place = await place_if_there(store, settings)
    if place is None:
        waits = await _what_waits(store)
        raise SessionNotFoundError(
            f"no conversation yet in {settings.db}", hint=waits or "start one with `convo chat`"
        )
    return place


async def place_if_there(store: ConversationStore, settings: Settings) -> Place | None:
    """The same for a session that may be about to begin: None where it is not there.

    Its name is one in full. Raises `BranchNotFoundError`.
    """
    try:
        named = settings.session
        head = await (store.head() if named is None else store.session_head(named))
    except SessionNotFoundError:
        return None
    if head.session_id is None:
        return None
    branch = head.branch_id
    if settings.branch is not None:
        branch = await store.branch_called(head.session_id, settings.branch)
    return Place(head.session_id, branch, head.branch_id, head.previous_branch_id)


async def _what_waits(store: ConversationStore) -> str | None:
    newest = await store.failed_turn(None, MAIN)
    if newest is None:
        return None
    from convo_cli.render.waiting import RETRY, SHOW, standing

    return standing(await store.count_waiting(), newest, RETRY, SHOW)
