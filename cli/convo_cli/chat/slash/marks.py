"""Slash commands that put notes, tags and stars on turns."""

from convo_cli.chat.slash.parser import Call
from convo_cli.chat.state import Chat
from convo_cli.output.marks import noted, starred, tagged
from convo_cli.output.report import show, write_text
from convo_cli.output.turns import LAST
from convo_cli.render import marks as listings


async def note_turn(chat: Chat, call: Call) -> None:
    """Like `convo note`: writes a note on a turn, or shows it."""
    turn, *words = call.arguments
    session, branch = chat.position.require_session(), chat.position.branch
    if words:
        await noted(chat.invocation, chat.store, session, branch, turn, " ".join(words))
        return
    number = await chat.store.turn_called(session, branch, turn)
    (found,) = await chat.store.transcript(session, branch, number, number)
    if found.marks.note is None:
        chat.terminal.notice(f"turn {number} has no note")
    else:
        write_text(chat.terminal, found.marks.note)


async def tag_turn(chat: Chat, call: Call) -> None:
    """Like `convo tag`: names a turn, by default the last; without a name, lists the tags."""
    session, branch = chat.position.require_session(), chat.position.branch
    name = call.argument(0)
    if name is None:
        show(chat.invocation, listings.tags(session, await chat.store.tags(session, branch)))
        chat.terminal.write("\n")
        return
    turn = call.argument(1) or LAST
    await tagged(chat.invocation, chat.store, session, branch, name, turn)


async def star_turn(chat: Chat, call: Call) -> None:
    """Like `convo star`, for a turn, by default the last."""
    session, branch = chat.position.require_session(), chat.position.branch
    await starred(chat.invocation, chat.store, session, branch, call.argument(0) or LAST)
