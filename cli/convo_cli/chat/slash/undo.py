"""Slash commands that undo, delete and restore."""

from convo_cli.chat.slash.parser import Call
from convo_cli.chat.state import Chat
from convo_cli.output.removed import checked_count, removed_called
from convo_cli.output.report import report, show
from convo_cli.output.waiting import still_waiting
from convo_cli.render import removed as removed_listing
from convo_cli.render.data.rows import removed_row
from convo_cli.render.removed import deleted

_RESTORE = "/restore"


async def undo_turns(chat: Chat, call: Call) -> None:
    """Like `convo undo`, on the branch of the chat."""
    position = chat.position
    session = position.require_session()
    entry = await position.undo(_number(call))
    row = {"session": session, **removed_row(entry)}
    report(chat.invocation, removed_listing.undone(entry, _RESTORE), row)


async def restore_removed(chat: Chat, call: Call) -> None:
    """Like `convo restore`; the chat stays on its branch."""
    position = chat.position
    session = position.require_session()
    if "--list" in call.options:
        show(chat.invocation, removed_listing.removed(session, await chat.store.removed(session)))
        chat.terminal.write("\n")
        return
    name = call.argument(0)
    if name is not None:
        name = await removed_called(chat.store, session, name)
    for one in await position.restore(name):
        said = removed_listing.brought_back(one, position.branch, "/switch")
        chat.terminal.notice(said)


async def delete_branches(chat: Chat, call: Call) -> None:
    """Like `convo delete`."""
    position = chat.position
    session = position.require_session()
    called = [await chat.store.branch_called(session, name) for name in call.arguments]
    names = list(dict.fromkeys(called))
    left = await position.delete(names, force="--force" in call.options)
    moved = f"; you are on '{position.branch}' now" if left else ""
    still = await still_waiting(chat.store, session, names)
    row = {"branch": position.branch, "session": position.session, "deleted": names}
    report(chat.invocation, f"{deleted(names)}{moved}{still}; {_RESTORE} undoes it", row)


def _number(call: Call) -> int | None:
    text = call.argument(0)
    try:
        return None if text is None else checked_count(int(text))
    except ValueError:
        raise call.misused(f"'{text}' is not a whole number") from None
