"""Slash commands that leave a session for another, or for a new one."""

from convo import check_name
from convo.errors import NameTakenError
from convo_cli.chat.slash import Call
from convo_cli.chat.state import Chat
from convo_cli.commands.common import report, show
from convo_cli.render import listings


async def show_or_switch_session(chat: Chat, call: Call) -> None:
    """Like `convo session list`, or with a name like `convo session use`."""
    name = call.argument(0)
    if name is None:
        await _show_sessions(chat)
        return
    position = chat.position
    already = position.begun and position.session == name
    head = None if already else await position.go_to(name)
    session, branch = position.require_session(), position.branch
    left = "" if head is None else f"; other shells stay in '{head}'"
    done = "already" if already else "now"
    row = {"session": session, "branch": branch}
    report(chat.invocation, f"{done} in session '{session}' on branch '{branch}'{left}", row)


async def _show_sessions(chat: Chat) -> None:
    """Write the sessions; marked is the one that the chat is in."""
    position = chat.position
    here = position.session if position.begun else None
    infos = [
        info._replace(is_current=info.session_id == here) for info in await chat.store.sessions()
    ]
    show(chat.invocation, listings.sessions(infos))
    chat.terminal.write("\n")


async def begin_session(chat: Chat, call: Call) -> None:
    """Leave for a session that its first message will start, named after that if not here."""
    name = call.argument(0)
    if name is not None:
        check_name("session", name)
        if name in {info.session_id for info in await chat.store.sessions()}:
            raise NameTakenError(
                f"a session '{name}' is there already", hint=f"/session {name} goes there"
            )
    chat.position.begin_anew(name)
    called = "a new session" if name is None else f"the new session '{name}'"
    row = {"session": name, "branch": chat.position.branch}
    report(chat.invocation, f"the next message starts {called}", row)
