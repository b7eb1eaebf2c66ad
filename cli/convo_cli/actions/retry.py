"""Retries a pending turn, or else the last turn."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from convo.store import ConversationStore
from convo_cli.ask.again import keep as keep_turn
from convo_cli.ask.again import last_question, newest_here, pending_question, question_again
from convo_cli.ask.conversation import locate
from convo_cli.ask.question import Question
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.output.report import report
from convo_cli.output.waiting import drop_waiting, number_of
from convo_cli.render.data.transcript_rows import turn_rows
from convo_cli.render.pending import asking_again, kept_as, run_before, started
from convo_cli.turn.choice import ModelChoice


def retry(
    invocation: Invocation,
    choice: ModelChoice,
    *,
    numbers: list[str] | None,
    drop: bool,
    keep: bool,
    last: bool,
    from_start: bool,
    raw: bool,
    no_switch: bool,
) -> None:
    """Retry a pending turn, or else the last turn in a new branch; or drop or keep pending ones."""
    given = numbers or []
    if drop + last + keep > 1:
        raise UsageError("--drop, --keep and --last exclude each other")
    if drop:
        asyncio.run(_drop(invocation, given))
        return
    if len(given) + last > 1:
        raise UsageError("one prompt is asked again at a time", hint="give one number, or --last")
    number = given[0] if given else None
    if keep:
        asyncio.run(_keep(invocation, number, no_switch=no_switch))
        return

    async def find(store: ConversationStore) -> Question:
        question = await _question(invocation, store, number, last=last)
        return _kept(invocation, question.again(from_start=from_start), no_switch=no_switch)

    _ask_again(invocation, choice, find, raw=raw)


def _ask_again(
    invocation: Invocation,
    choice: ModelChoice,
    find: Callable[[ConversationStore], Awaitable[Question]],
    *,
    raw: bool,
) -> None:
    # Imported here because dropping does not need it.
    from convo_cli.ask.oneshot import ask_once

    async def found(store: ConversationStore) -> Question:
        question = await find(store)
        said = asking_again(question.text, question.from_turn, question.note)
        said += run_before(question.ran, from_start=question.from_start)
        invocation.terminal.notice(said + await _elsewhere(invocation, store, question))
        return question

    ask_once(invocation, choice, found, raw=raw)


async def _drop(invocation: Invocation, given: list[str]) -> None:
    async with ConversationStore(invocation.settings.db) as store:
        await drop_waiting(invocation, store, given)


async def _keep(invocation: Invocation, number: str | None, *, no_switch: bool) -> None:
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        if number is not None:
            pending = await store.waiting_turn(number_of(number))
        else:
            destination = await locate(store, settings, new=False)
            pending = await newest_here(store, destination, or_new=settings.names_nothing)
        question = await pending_question(store, pending)
        question = _kept(invocation, question, no_switch=no_switch)
        stored = await keep_turn(store, pending, question)
        (turn,) = await store.transcript(
            stored.session_id, stored.branch_id, stored.turn, stored.turn
        )
        if stored.started:
            current = (await store.head()).session_id
            invocation.terminal.notice(started(stored.session_id, current))
        row = {"session": stored.session_id, "branch": stored.branch_id, **next(turn_rows([turn]))}
        report(invocation, kept_as(stored, turn.cut is not None, "`convo continue`"), row)


def _kept(invocation: Invocation, question: Question, *, no_switch: bool) -> Question:
    """The question, with what the options say about the head."""
    settings = invocation.settings._replace(no_switch=no_switch)
    return replace(question, destination=question.destination.kept(settings))


async def _question(
    invocation: Invocation, store: ConversationStore, number: str | None, *, last: bool
) -> Question:
    settings, given = invocation.settings, invocation.given
    if number is not None:
        pending = await store.waiting_turn(number_of(number))
        # The session in the environment is where the user works, not where this turn belongs.
        is_moved = given.session is not None or given.branch is not None
        destination = await locate(store, settings, new=False) if is_moved else None
        return await pending_question(store, pending, destination)
    destination = await locate(store, settings, new=False)
    if last:
        return await last_question(store, destination)
    # If no session is named, the user may mean a new session whose first turn failed.
    return await question_again(store, destination, or_new=settings.names_nothing)


async def _elsewhere(invocation: Invocation, store: ConversationStore, question: Question) -> str:
    """The end of a notice that names the session and branch of a question in another session."""
    head, destination = await store.head(), question.destination
    here = invocation.settings.session or head.session_id
    if destination.session is None or here is None or destination.session == here:
        return ""
    return f"; in session '{destination.session}' on branch '{destination.branch}'"
