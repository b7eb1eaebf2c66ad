"""The slash command that has the oldest turns of a branch summed up."""

from contextlib import suppress
from dataclasses import replace

from convo.errors import ConvoError
from convo_cli.ask.compacting import Compaction, compaction
from convo_cli.ask.pending import Pending
from convo_cli.ask.permission import permitted
from convo_cli.ask.signals import StoppedError, stoppable
from convo_cli.chat.answer import answered, tell_stored
from convo_cli.chat.slash.parser import Call
from convo_cli.chat.state import Chat
from convo_cli.render.terminal.text import counted
from convo_cli.turn.choice import ModelChoice, TurnOutcome


async def compact(chat: Chat, call: Call) -> None:
    """Have the model sum up the oldest turns, all but the last or N, in a branch that goes on.

    The original branch stays. If the model fails, the history does not change, and what the model
    cost is in the ledger.
    """
    given = call.argument(0)
    if given is not None and not given.isdecimal():
        raise call.misused(f"'{given}' is not a number of turns")
    chat.position.require_session()
    source = chat.position.branch
    what = await compaction(
        chat.store, chat.position.destination, None if given is None else int(given)
    )
    # Only the model is asked: a summary needs no tools and has no schema.
    asked = replace(chat.choice, agent=None, context=None, active=None, mcp=None, schema=None)
    choice = await permitted(chat.invocation, asked)
    pending = Pending(chat.store, chat.terminal.notice)
    await stoppable(pending.begin(what.question.asked(choice), what.question.reached))
    outcome = await _summary(chat, choice, what, pending)
    stored = await pending.store(what.place, outcome)
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


async def _summary(
    chat: Chat, choice: ModelChoice, what: Compaction, pending: Pending
) -> TurnOutcome:
    """The answer of the model. If it fails, the turn is dropped instead of staying pending.

    A retry would ask for the summary, but could not put the later turns after it.
    """
    try:
        async with pending.until_answered():
            return await stoppable(answered(chat, choice, what.history, what.question, pending))
    except (ConvoError, StoppedError):
        if pending.pending_id is not None:
            with suppress(ConvoError):
                await chat.store.drop_pending([pending.pending_id])
        raise
