"""Merges branches and squashes turns."""

from convo.merging.merging import MergedTurns
from convo.records import Location
from convo.store import ConversationStore
from convo_cli.invocation import Invocation
from convo_cli.location import find_location
from convo_cli.output.report import report, write_text
from convo_cli.output.turns import parsed_turns
from convo_cli.render import merging as said
from convo_cli.settings import Format
from convo_cli.turn.choice import ModelChoice, TurnOutcome


async def merge(invocation: Invocation, name: str, picked: str | None, *, take: bool) -> None:
    """Copy turns of a branch to the current one, or take its line over."""
    turns = None if picked is None else parsed_turns(picked)
    async with ConversationStore(invocation.settings.db) as store:
        location = await find_location(store, invocation.settings)
        session, target = location.session, location.branch
        source = await store.branch_called(session, name)
        if turns is not None:
            first, last = turns.or_ends()
            done = await store.cherry_pick(session, target, source, first, last)
        else:
            done = await store.take_over(session, target, source, only_forward=not take)
        waits = await _not_merged(store, session, source)
    report(invocation, said.merged(done) + waits, said.row(session, done))


async def merge_summary(invocation: Invocation, choice: ModelChoice, name: str) -> None:
    """Have a model sum up the new turns of a branch at the end of the current one."""
    # Imported here because other merges ask no model.
    from convo_cli.ask.summing import accounted, summed_up, to_merge

    async with ConversationStore(invocation.settings.db) as store:
        location = await find_location(store, invocation.settings)
        session, target = location.session, location.branch
        source = await store.branch_called(session, name)
        span = await store.span_to_merge(session, target, source)
        if span is None:
            done = said.nothing_to_merge(target, source)
            _report(invocation, session, done, None, "")
            return
        at = Location(session, target)
        async with accounted(store, at) as summing:
            outcome = await summed_up(
                invocation, store, choice, at, span.history, to_merge(span), summing
            )
            done = await store.store_summary(session, target, span, outcome.items, outcome.run)
        waits = await _not_merged(store, session, source)
    _report(invocation, session, done, outcome, waits)


async def squash(invocation: Invocation, text: str, *, only_last: bool) -> None:
    """Make several turns one."""
    first, last = parsed_turns(text).or_ends()
    async with ConversationStore(invocation.settings.db) as store:
        location = await find_location(store, invocation.settings)
        session, branch = location.session, location.branch
        done = await store.squash(session, branch, first, last, only_last=only_last)
    report(invocation, said.merged(done), said.row(session, done))


async def squash_summary(invocation: Invocation, choice: ModelChoice, text: str) -> None:
    """Have a model sum up turns in their place."""
    # Imported here because another squash asks no model.
    from convo_cli.ask.summing import accounted, summed_up, to_squash

    first, last = parsed_turns(text).or_ends()
    async with ConversationStore(invocation.settings.db) as store:
        location = await find_location(store, invocation.settings)
        session, branch = location.session, location.branch
        span = await store.span_to_squash(session, branch, first, last)
        question = to_squash(span)
        at = Location(session, branch)
        async with accounted(store, at) as summing:
            outcome = await summed_up(
                invocation, store, choice, at, span.history, question, summing
            )
            items = [
                {"role": "user", "content": question},
                {"role": "assistant", "content": outcome.text},
            ]
            done = await store.squash_into_summary(session, branch, span, items, outcome.run)
    _report(invocation, session, done, outcome, "")


def _report(
    invocation: Invocation,
    session: str,
    done: MergedTurns,
    outcome: TurnOutcome | None,
    waits: str,
) -> None:
    """Report a summary, which users read as an answer."""
    answer = None if outcome is None else outcome.text
    if invocation.settings.format is Format.TABLE and answer is not None:
        write_text(invocation.terminal, answer)
    report(invocation, said.merged(done) + waits, {**said.row(session, done), "answer": answer})


async def _not_merged(store: ConversationStore, session: str, source: str) -> str:
    """The end of a notice about a prompt of the branch that has no answer yet."""
    waits = await store.failed_turn(session, source)
    return "" if waits is None else said.not_merged(waits)
