"""Finds the session and branch that a command works on."""

from collections.abc import Callable
from typing import NamedTuple

from convo.errors import SessionNotFoundError, joined
from convo.records import MAIN
from convo.store import ConversationStore
from convo_cli.settings import Settings

BEFORE = "-"
"""The name that `convo switch` takes for the previous branch."""


class NothingYetError(SessionNotFoundError):
    """The database has no conversation yet."""


class Location(NamedTuple):
    """The session and branch that a command works on, and the head of the session.

    `branch` is `head` unless -b names another; `previous` is the previous branch of the head.
    """

    session: str
    branch: str
    head: str
    previous: str | None


async def find_location(store: ConversationStore, settings: Settings) -> Location:
    """The session and branch that the options name, or else those of the head.

    The beginning of a name is enough. Raises `SessionNotFoundError` and `BranchNotFoundError`.
    """
    if settings.session is not None:
        settings = settings._replace(session=await store.session_called(settings.session))
    location = await location_if_there(store, settings)
    if location is None and settings.session is None and settings.folder is not None:
        raise NothingYetError(
            f"no conversation yet in the folder {settings.folder}",
            hint="start one with `convo chat`, or name a session with -s",
        )
    if location is None:
        waits = await _what_waits(store)
        raise NothingYetError(
            f"no conversation yet in {settings.db}", hint=waits or "start one with `convo chat`"
        )
    return location


async def location_to_list(
    store: ConversationStore, settings: Settings, notice: Callable[[str], None]
) -> Location | None:
    """The same for a list; None, with a notice, if there is nothing to list yet.

    Raises the errors of `find_location` only for a session or branch that is named.
    """
    try:
        return await find_location(store, settings)
    except NothingYetError as error:
        if settings.branch is not None:
            raise
        notice(joined(str(error), error.hint))
        return None


async def location_if_there(store: ConversationStore, settings: Settings) -> Location | None:
    """The same, but None if the session does not exist yet.

    Its name must be given in full. Raises `BranchNotFoundError`.
    """
    try:
        named = settings.session
        if named is None and settings.folder is not None:
            named = await store.session_of_folder(settings.folder)
            if named is None:
                return None
        head = await (store.head() if named is None else store.session_head(named))
    except SessionNotFoundError:
        return None
    if head.session_id is None:
        return None
    branch = head.branch_id
    if settings.branch is not None:
        branch = await store.branch_called(head.session_id, settings.branch)
    return Location(head.session_id, branch, head.branch_id, head.previous_branch_id)


async def _what_waits(store: ConversationStore) -> str | None:
    newest = await store.failed_turn(None, MAIN)
    if newest is None:
        gone = await store.last_removed_session()
        return gone and f"`convo restore` brings back '{gone.session_id}', which was deleted"
    from convo_cli.render.waiting import RETRY, SHOW, standing

    return standing(await store.count_waiting(), newest, RETRY, SHOW)
