"""The slash command that looks for what was said."""

from convo.records import Found
from convo_cli.chat.slash.parser import Call, quoted
from convo_cli.chat.state import Chat
from convo_cli.commands.search import BEST, check_text, nothing_says, write_found
from convo_cli.render.found import shown_by


async def search(chat: Chat, call: Call) -> None:
    """Like `convo search`."""
    # What was put in quotation marks to be one argument is a phrase.
    text = " ".join(map(quoted, call.arguments))
    check_text(text)
    hits = await chat.store.search(text, limit=BEST)
    if not hits:
        raise nothing_says(text)
    write_found(chat.invocation, hits, BEST)
    chat.terminal.notice(_way_to(chat, hits[0]))


def _way_to(chat: Chat, hit: Found) -> str:
    """What to type to get to a message."""
    position = chat.position
    if hit.session_id != position.session:
        return shown_by(hit)
    is_here = hit.branch_id == position.branch
    switch = "" if is_here else f"/switch {quoted(hit.branch_id)}, then "
    return f"{switch}/show {hit.turn} shows the first"
