"""Slash commands that create, switch and rename branches."""

from convo_cli.chat.recall import recall
from convo_cli.chat.slash.parser import Call
from convo_cli.chat.state import Chat
from convo_cli.location import BEFORE
from convo_cli.output.report import report


async def make_branch(chat: Chat, call: Call) -> None:
    """Like `convo branch`; without a turn or a text, branches off from here."""
    position = chat.position
    session = position.require_session()
    start = call.argument(0)
    turn, match = await _beginning(chat, session, start)
    if start is None:
        turn = await position.next_turn()
    new, head = await position.fork(call.argument(1), turn=turn, match=match)
    row = {"branch": new, "session": session}
    report(chat.invocation, f"switched to new branch '{new}'{_left_behind(head)}", row)
    await recall(chat)


async def _beginning(chat: Chat, session: str, start: str | None) -> tuple[int | None, str | None]:
    """Where a branch begins: the number or the tag of a turn, or a text in it."""
    try:
        return None if start is None else int(start), None
    except ValueError:
        branch = chat.position.branch
        tags = await chat.store.tags(session, branch)
        if start in [tag.tag for tag in tags]:
            return await chat.store.turn_called(session, branch, start), None
        return None, start


async def switch_branch(chat: Chat, call: Call) -> None:
    """Like `convo switch`."""
    position = chat.position
    session = position.require_session()
    target: str | None = call.arguments[0]
    if target == BEFORE:
        target = await position.before()
    if target is None:
        raise call.misused(f"there is no branch to go back to from '{position.branch}'")
    target = await chat.store.branch_called(session, target)
    already = target == position.branch
    head = await position.switch(target)
    done = f"already on branch '{target}'" if already else f"switched to '{target}'"
    row = {"branch": target, "session": session}
    report(chat.invocation, done + _left_behind(head), row)
    await recall(chat)


async def rename_branch(chat: Chat, call: Call) -> None:
    """Like `convo rename`; with one name, renames the branch of the chat, which stays on it."""
    position = chat.position
    *given, new = call.arguments
    session = position.require_session()
    old = await chat.store.branch_called(session, given[0]) if given else position.branch
    await position.rename(old, new)
    row = {"branch": new, "session": position.session, "renamed": old}
    report(chat.invocation, f"renamed '{old}' to '{new}'", row)


def _left_behind(head: str | None) -> str:
    return "" if head is None else f"; other shells stay on '{head}'"
