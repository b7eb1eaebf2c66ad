"""Slash commands that only read: they show, search and export."""

from convo_cli.chat.slash.parser import Call
from convo_cli.chat.state import Chat
from convo_cli.options import NEWEST
from convo_cli.output.export import exported_branch, format_of, write_export
from convo_cli.output.report import show
from convo_cli.output.tree import write_tree
from convo_cli.output.turns import LAST, parsed_turns, write_turns
from convo_cli.output.waiting import show_waiting
from convo_cli.reading import named_file
from convo_cli.render import listings
from convo_cli.render.usage import By, Shown
from convo_cli.render.usage import usage as usage_listing

WAITING = "--waiting"


async def show_turns(chat: Chat, _: Call) -> None:
    """Like `convo turns`."""
    session = chat.position.require_session()
    turns = await chat.store.turns(session, chat.position.branch, NEWEST)
    _show(chat, listings.turns(turns))


async def show_turn(chat: Chat, call: Call) -> None:
    """Like `convo show`; without N, the last turn. With --waiting, N is a pending turn."""
    position = chat.position
    if WAITING in call.options:
        await show_waiting(chat.invocation, chat.store, call.argument(0), again="/retry")
    else:
        turns = parsed_turns(call.argument(0) or str(LAST))
        session = position.require_session()
        shown = await chat.store.whole_turns(session, position.branch, turns.first, turns.last)
        write_turns(chat.invocation, shown, paged=False)
    chat.terminal.write("\n")


async def show_branches(chat: Chat, call: Call) -> None:
    """Like `convo branches`, with the branch of the chat marked."""
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
    prices = chat.invocation.prices
    if not chat.position.begun:
        usages = await chat.store.usage_without_session(by=by, newest=NEWEST, prices=prices)
        if usages.rows:
            _show(chat, usage_listing(Shown(usages, by)))
            return
    session = chat.position.require_session()
    usages = await chat.store.usage_with_total(session, by=by, newest=NEWEST, prices=prices)
    _show(chat, usage_listing(Shown(usages, by)))


async def show_tools(chat: Chat, _: Call) -> None:
    """Like `convo tools`."""
    session = chat.position.require_session()
    _show(chat, listings.tools(await chat.store.tools(session, chat.position.branch)))


async def export(chat: Chat, call: Call) -> None:
    """Like `convo export`; the file's extension decides the format."""
    path = named_file(call.arguments[0])
    chosen = format_of(path)
    prices = chat.invocation.prices if chosen == "html" else None
    exported = await exported_branch(
        chat.store, chat.position.require_session(), chat.position.branch, prices
    )
    force = "--force" in call.options
    # The chat is blocked until the file is written, so it must not wait for the reader of a FIFO.
    write_export(chat.invocation, exported, path, chosen, force=force, wait=False)


def _show(chat: Chat, listing: listings.Listing) -> None:
    show(chat.invocation, listing)
    chat.terminal.write("\n")
