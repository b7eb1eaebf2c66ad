"""Slash commands that switch to another session or begin a new one."""

from dataclasses import replace

from convo import check_name
from convo.errors import NameTakenError
from convo_cli.ask.configured import settled
from convo_cli.ask.permission import permitted
from convo_cli.chat.recall import recall
from convo_cli.chat.slash.parser import Call
from convo_cli.chat.slash.settings import asked_next
from convo_cli.chat.state import Chat
from convo_cli.chat.typed import quoted
from convo_cli.options import NEWEST_SESSIONS
from convo_cli.output.report import report, show
from convo_cli.render import listings


async def show_or_switch_session(chat: Chat, call: Call) -> None:
    """Like `convo session list`; with a name, like `convo session use`."""
    name = call.argument(0)
    if name is None:
        await _show_sessions(chat)
        return
    name = await chat.store.session_called(name)
    position = chat.position
    already = position.begun and position.session == name
    more = "" if already else await go_to_session(chat, name)
    session, branch = position.require_session(), position.branch
    done = "already" if already else "now"
    row = {"session": session, "branch": branch}
    report(chat.invocation, f"{done} in session '{session}' on branch '{branch}'{more}", row)
    await recall(chat)


async def go_to_session(chat: Chat, name: str) -> str:
    """Switch to another session, with its model and agent; return the end of the notice."""
    # Instructions are not recorded, so the given ones stay in force.
    given = replace(chat.given, instructions=chat.choice.instructions)
    recorded = await chat.store.session_model(name)
    choice = settled(given, chat.invocation.config, recorded)
    choice = await permitted(chat.invocation, choice)
    head = await chat.position.go_to(name)
    before, chat.choice = asked_next(chat), choice
    chat.next_agent = None
    asked = asked_next(chat)
    return (f"; other shells stay in '{head}'" if head is not None else "") + (
        f"; the next message asks {asked}" if asked != before else ""
    )


async def _show_sessions(chat: Chat) -> None:
    """List the sessions, and mark that of the chat."""
    position = chat.position
    here = position.session if position.begun else None
    found = await chat.store.sessions(NEWEST_SESSIONS)
    infos = [info._replace(is_current=info.session_id == here) for info in found]
    show(chat.invocation, listings.sessions(infos))
    chat.terminal.write("\n")


async def begin_session(chat: Chat, call: Call) -> None:
    """Begin a session with the next message, which also names it if no name is given."""
    name = call.argument(0)
    if name is not None:
        check_name("session", name)
        if name in {info.session_id for info in await chat.store.sessions()}:
            raise NameTakenError(
                f"a session '{name}' already exists", hint=f"/session {name} goes there"
            )
    left = chat.position.session if chat.position.begun else None
    chat.position.start_new(name)
    chat.next_agent = None
    called = "a new session" if name is None else f"the new session '{name}'"
    back = "" if left is None else f"; /session {quoted(left)} goes back"
    row = {"session": name, "branch": chat.position.branch}
    report(chat.invocation, f"the next message starts {called}{back}", row)
