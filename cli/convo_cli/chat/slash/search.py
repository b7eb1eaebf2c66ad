"""Slash commands that find what was said, and go there."""

from convo_cli.chat.slash.parser import Call
from convo_cli.chat.slash.sessions import go_to_session
from convo_cli.chat.state import Chat
from convo_cli.chat.typed import quoted
from convo_cli.options import BEST
from convo_cli.output.found import check_text, nothing_says, write_found
from convo_cli.output.progress import Indexing
from convo_cli.output.turns import write_turns


async def search(chat: Chat, call: Call) -> None:
    """Like `convo search`; what is found has numbers."""
    # An argument in quotation marks is a phrase.
    text = " ".join(map(quoted, call.arguments))
    check_text(text)
    with Indexing(chat.terminal) as progress:
        hits = await chat.store.search(text, limit=BEST, progress=progress)
    if not hits:
        raise nothing_says(text)
    chat.found = hits
    write_found(chat.invocation, hits, BEST, numbered=True)
    chat.terminal.notice("/go 1 goes to the first and shows its turn")


async def go(chat: Chat, call: Call) -> None:
    """Go to the session and branch of what was found last, and show its turn."""
    given = call.argument(0) or "1"
    if not chat.found:
        raise call.misused("nothing was searched for yet: /search TEXT")
    if not given.isdecimal() or not 1 <= int(given) <= len(chat.found):
        raise call.misused(f"'{given}' is not a number from 1 to {len(chat.found)}")
    hit = chat.found[int(given) - 1]
    position = chat.position
    # Looked up first: what was found may be gone by now.
    shown = await chat.store.transcript(hit.session_id, hit.branch_id, hit.turn, hit.turn)
    more = ""
    if not position.begun or position.session != hit.session_id:
        more = await go_to_session(chat, hit.session_id)
    if position.branch != hit.branch_id:
        head = await position.switch(hit.branch_id)
        more += "" if head is None else f"; other shells stay on '{head}'"
    where = f"session '{hit.session_id}' on branch '{hit.branch_id}'"
    chat.terminal.notice(f"now in {where}{more}")
    write_turns(chat.invocation, shown, paged=False)
    chat.terminal.write("\n")
