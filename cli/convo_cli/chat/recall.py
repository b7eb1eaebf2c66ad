"""Reminds the user of the position of a chat: the last turn, and the number of pending turns."""

from convo_cli.chat.state import Chat
from convo_cli.render.pending import last_turn
from convo_cli.render.waiting import standing


async def recall(chat: Chat) -> None:
    """Show the last turn of the branch, shortened, and the number of pending turns."""
    position, terminal = chat.position, chat.terminal
    if await position.next_turn() > 1:
        (turn,) = await chat.store.transcript(position.require_session(), position.branch, -1, -1)
        terminal.write(last_turn(turn, terminal.look) + "\n")
    newest = await chat.store.failed_turn(position.session, position.branch)
    said = standing(await chat.store.count_waiting(), newest, "/retry", "/show --waiting")
    if said is not None:
        terminal.notice(said)
