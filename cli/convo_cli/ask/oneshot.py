"""Asks one turn from the command line: the answer goes to stdout, the turn to the database."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import typer

from convo.errors import ConvoError, joined
from convo.records import StoredTurn
from convo.store import ConversationStore
from convo_cli.ask.approval import asking_once, choosing_once, lending_once
from convo_cli.ask.code import Which, code_of
from convo_cli.ask.conversation import check_writable
from convo_cli.ask.hosts import host_for
from convo_cli.ask.leaving import until_tools_end
from convo_cli.ask.lent_line import LentLine
from convo_cli.ask.pending import Pending
from convo_cli.ask.permission import permitted, remember_chosen
from convo_cli.ask.question import Question
from convo_cli.ask.schema import check_form
from convo_cli.ask.screens.agent_output import AgentOutput
from convo_cli.ask.screens.stdout import Answer
from convo_cli.ask.signals import Ending, StoppedError, ended_by_signals, stoppable
from convo_cli.ask.templates import missing_template, noted
from convo_cli.invocation import Invocation
from convo_cli.output.report import report
from convo_cli.output.waiting import count_of
from convo_cli.render.data.rows import turn_row
from convo_cli.render.pending import branched, started, stored_as, was_cut
from convo_cli.render.terminal.text import safe
from convo_cli.settings import Format
from convo_cli.terminal import Terminal
from convo_cli.turn.choice import ModelChoice, TurnOutcome, check_choice
from convo_cli.turn.errors import AnswerFormError
from convo_cli.turn.events import Event

Find = Callable[[ConversationStore], Awaitable[Question]]

_KEPT = "kept for `convo retry`"
_KEPT_WHOLE = f"{_KEPT}, which stores it as it is with --keep"


def ask_once(
    invocation: Invocation,
    choice: ModelChoice,
    find: Find,
    *,
    raw: bool,
    code: Which | None = None,
) -> None:
    """Ask the question that `find` returns, write its answer, and store the complete turn.

    With `code`, only that code block of the answer is written. The turn is pending until it is
    stored, and stays pending if it fails.
    """
    work = _asked(invocation, choice, find, raw, code)
    asyncio.run(until_tools_end(work, invocation.terminal))


async def _asked(
    invocation: Invocation, choice: ModelChoice, find: Find, raw: bool, code: Which | None
) -> None:
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        question = await find(store)
        history = await question.history(store)
        gone = missing_template(choice, invocation.config, question.destination.recorded)
        if gone is not None:
            invocation.terminal.notice(gone)
        choice = question.completed(choice, invocation.environ, invocation.config)
        choice = await question.going_on(store, choice)
    check_writable(settings)
    choice = await permitted(invocation, choice)
    check_choice(choice, invocation.environ)
    async with ConversationStore(settings.db, create=True) as store:
        agent_output = AgentOutput(invocation.terminal)
        hidden = settings.format is not Format.TABLE or code is not None
        raw = raw or choice.schema is not None
        answer = Answer(invocation.terminal, agent_output, raw=raw, hidden=hidden)
        pending = Pending(store, invocation.terminal.notice)
        ending = Ending()
        try:
            with ended_by_signals() if choice.runs_code else nullcontext(ending) as ending:
                # Close what was started for this turn only.
                outcome = await stoppable(
                    _answered(invocation, choice, history, question, answer, pending, agent_output)
                )
            remember_chosen(invocation, choice, outcome.run.agent)
            keep = question.destination.keep_session
            outcome = noted(choice, outcome, settings.folder)
            stored = await pending.store(question.place(), outcome, keep_session=keep)
        except (asyncio.CancelledError, StoppedError):
            if ending.code is not None:
                invocation.terminal.abandon()
                raise typer.Exit(ending.code) from None
            raise KeyboardInterrupt(_KEPT if pending.pending_id else "") from None
        except ConvoError as error:
            if pending.pending_id is not None:
                kept = _KEPT_WHOLE if isinstance(error, AnswerFormError) else _KEPT
                error.hint = joined(error.hint, kept)
            raise
        invocation.done = stored_as(stored)
        await _tell(invocation, store, question, choice, outcome, stored)
    if code is not None:
        _write_code(invocation.terminal, code_of(outcome.text, code))
    answer.raise_if_lost()


async def _answered(
    invocation: Invocation,
    choice: ModelChoice,
    history: list[dict[str, Any]],
    question: Question,
    answer: Answer,
    pending: Pending,
    agent_output: AgentOutput,
) -> TurnOutcome:
    terminal = invocation.terminal
    begun = asyncio.create_task(pending.begin(question.asked(choice), question.reached))
    # The database works in its thread while the host is imported, which may take seconds.
    await asyncio.sleep(0)
    try:
        host = host_for(choice, history, question.reached)
    finally:
        await begun

    def take(event: Event) -> None:
        pending.take(event)
        answer.take(event)

    line = LentLine(terminal, agent_output)
    async with pending.until_answered():
        answer.begin()
        if choice.runs_code:
            line.begin()
        try:
            with (
                _kept_from_answer(terminal, choice, agent_output),
                lending_once(terminal, line, answer),
            ):
                try:
                    outcome = await host.run_turn(
                        choice,
                        history,
                        question.content,
                        take,
                        asking_once(terminal, answer),
                        choosing_once(terminal, answer),
                        reached=question.reached,
                        on_progress=pending.keep,
                    )
                finally:
                    await host.close()
                return check_form(choice, outcome)
        finally:
            line.finish()
            answer.close()


def _kept_from_answer(
    terminal: Terminal, choice: ModelChoice, agent_output: AgentOutput
) -> AbstractContextManager[None]:
    """Send the output of an agent's code to stderr, made safe for a terminal."""
    if not choice.runs_code:
        return nullcontext()
    if not terminal.stderr_is_terminal:
        return terminal.reserved()
    agent_output.begin()
    return nullcontext()


async def _tell(
    invocation: Invocation,
    store: ConversationStore,
    question: Question,
    choice: ModelChoice,
    outcome: TurnOutcome,
    stored: StoredTurn,
) -> None:
    session, branch = stored.session_id, stored.branch_id
    if stored.started:
        invocation.terminal.notice(started(session, (await store.head()).session_id))
    if question.from_turn is not None:
        head = (await store.session_head(session)).branch_id
        invocation.terminal.notice(branched(branch, head))
    if outcome.is_cut:
        invocation.terminal.notice(was_cut("`convo continue`"))
    waits = await count_of(store)
    if waits is not None:
        invocation.terminal.notice(waits)
    if invocation.settings.format is not Format.TABLE:
        infos = await store.turns(session, branch)
        info = next(info for info in infos if info.turn == stored.turn)
        row = {"session": session, "branch": branch, **turn_row(info)}
        row["answer"] = outcome.text
        if choice.schema is not None:
            row["object"] = json.loads(outcome.text)
        report(invocation, "", row)


def _write_code(terminal: Terminal, code: str) -> None:
    if terminal.stdout_is_terminal:
        terminal.write(safe(code))
    else:
        terminal.write_utf8(code)
