"""Checks the arguments of `undo` and `restore`."""

from convo.names import only_beginning
from convo.store import ConversationStore
from convo_cli.exits import UsageError


async def removed_called(store: ConversationStore, session: str, name: str) -> str:
    """The branch with that name that has something to restore, or the only one that begins so."""
    names = [entry.branch_id for entry in await store.removed(session)]
    return name if name in names else only_beginning(name, list(dict.fromkeys(names))) or name


def checked_count(count: int) -> int:
    """A number of turns to undo. Raises `UsageError` if it is below 1."""
    if count < 1:
        raise UsageError(f"{count} turns cannot be taken back: give a number from 1 up")
    return count
