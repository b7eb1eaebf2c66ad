"""The slash command that has the oldest turns of a branch summed up."""

from dataclasses import replace

from convo_cli.ask.compacting import compaction
from convo_cli.ask.pending import Pending
from convo_cli.ask.permission import permitted
from convo_cli.chat.answer import answered, tell_stored
from convo_cli.chat.slash.parser import Call
from convo_cli.chat.state import Chat
from convo_cli.render.terminal.text import counted


async def compact(chat: Chat, call: Call) -> None:
    """Have the model sum up the oldest turns, all but the last or N, in a branch that goes on.

    The line as it was stays. Whatever goes wrong, nothing has changed.
    """
    given = call.argument(0)
    if given is not None and not given.isdecimal():
        raise call.misused(f"'{given}' is no number of turns")
    chat.position.require_session()
    source = chat.position.branch
    what = await compaction(
        chat.store, chat.position.destination, None if given is None else int(given)
    )
    # The model alone is asked: a summary needs no tools, and fits no form.
    asked = replace(chat.choice, agent=None, context=None, active=None, mcp=None, schema=None)
    choice = await permitted(chat.invocation, asked)
    # Nobody asks for it by another way: what fails is not held for a retry.
    unheld = Pending(chat.store, chat.terminal.notice)
    outcome = await answered(chat, choice, what.history, what.question, unheld)
    stored = await chat.store.store_turn(
        what.place, outcome.items, outcome.run, cut="tokens" if outcome.is_cut else None
    )
    await tell_stored(chat, what.question, stored)
    first = what.question.from_turn or 1
    turns = counted(what.last - first + 1, "turn")
    left = await chat.position.next_turn() - 1 - stored.turn
    follows = (
        f", and {counted(left, 'turn')} {'follows' if left == 1 else 'follow'}" if left else ""
    )
    chat.terminal.notice(
        f"turn {stored.turn} sums up {turns}{follows}; '{source}' is as it was: /switch - goes back"
    )
    chat.terminal.write("\n")
