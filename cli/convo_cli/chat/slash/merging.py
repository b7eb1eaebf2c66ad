"""The slash command that merges a branch into that of the chat."""

from convo.records import Location
from convo_cli.ask.signals import stoppable
from convo_cli.ask.summing import accounted, summed_up, to_merge
from convo_cli.chat.slash.parser import Call
from convo_cli.chat.state import Chat
from convo_cli.output.report import report, write_text
from convo_cli.output.turns import parsed_turns
from convo_cli.render import merging as said

TAKE, SUMMARY = "--take", "--summary"


async def merge_branch(chat: Chat, call: Call) -> None:
    """Like `convo merge`, into the branch of the chat."""
    if len(call.options) + len(call.arguments) > 2:
        raise call.misused("turns, --take and --summary exclude each other")
    session, target = chat.position.require_session(), chat.position.branch
    source = await chat.store.branch_called(session, call.arguments[0])
    picked = call.argument(1)
    if SUMMARY in call.options:
        await _summary(chat, session, target, source)
        return
    if picked is not None:
        turns = parsed_turns(picked)
        first, last = turns.or_ends()
        done = await chat.store.cherry_pick(session, target, source, first, last)
    else:
        forward = TAKE not in call.options
        done = await chat.store.take_over(session, target, source, only_forward=forward)
    chat.position.merged(done.first, done.last)
    report(chat.invocation, said.merged(done, "/undo"), said.row(session, done))


async def _summary(chat: Chat, session: str, target: str, source: str) -> None:
    span = await chat.store.span_to_merge(session, target, source)
    if span is None:
        done = said.nothing_to_merge(target, source)
    else:
        at, question = Location(session, target), to_merge(span)
        store = chat.store
        async with accounted(store, at) as summing:
            asked = summed_up(
                chat.invocation, store, chat.choice, at, span.history, question, summing
            )
            outcome = await stoppable(asked)
            done = await store.store_summary(session, target, span, outcome.items, outcome.run)
        write_text(chat.terminal, outcome.text)
    chat.position.merged(done.first, done.last)
    report(chat.invocation, said.merged(done, "/undo"), said.row(session, done))
