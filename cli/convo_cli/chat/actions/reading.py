"""Slash commands that look at what is there."""

from convo_cli.chat.slash import Call
from convo_cli.chat.state import Chat
from convo_cli.commands.common import show
from convo_cli.commands.show import LAST, parsed_turns, write_turns
from convo_cli.commands.trees import write_tree
from convo_cli.render import listings
from convo_cli.render.usage import By
from convo_cli.render.usage import usage as usage_listing


async def show_turns(chat: Chat, _: Call) -> None:
    """Like `convo turns`."""
    session = chat.position.require_session()
    turns = await chat.store.turns(session, chat.position.branch)
    _show(chat, listings.turns(turns))


async def show_turn(chat: Chat, call: Call) -> None:
    """Like `convo show`; without a turn, the last one."""
    turns = parsed_turns(call.argument(0) or str(LAST))
    position = chat.position
    session = position.require_session()
    shown = await chat.store.transcript(session, position.branch, turns.first, turns.last)
    write_turns(chat.invocation, shown, paged=False)
    chat.terminal.write("\n")


async def show_branches(chat: Chat, call: Call) -> None:
    """Like `convo branches`; marked is the branch of the chat."""
    session = chat.position.require_session()
    if "--tree" in call.options:
        write_tree(chat.invocation, await chat.store.tree(session, chat.position.branch))
        chat.terminal.write("\n")
        return
    branches = await chat.store.branches(session, chat.position.branch)
    _show(chat, listings.branches(branches))


async def show_usage(chat: Chat, call: Call) -> None:
    """Like `convo usage`."""
    if len(call.options) > 1:
        raise call.misused("--by-turn and --by-branch exclude each other")
    by: By = "total"
    if call.options:
        by = "turn" if "--by-turn" in call.options else "branch"
    usages = await chat.store.usage(chat.position.require_session(), by=by)
    _show(chat, usage_listing(usages, by))


def _show(chat: Chat, listing: listings.Listing) -> None:
    show(chat.invocation, listing)
    chat.terminal.write("\n")
