"""`convo retry`: a prompt that failed, or else the last turn, asked again."""

import asyncio
from typing import Annotated

import typer

from convo.store import ConversationStore
from convo_cli.agent.choice import ModelChoice
from convo_cli.ask.again import held_question, last_question, newest_here, question_again
from convo_cli.ask.again import keep as keep_turn
from convo_cli.ask.conversation import locate
from convo_cli.ask.question import Question
from convo_cli.commands.model_options import asks_a_model
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.options import Raw
from convo_cli.output.report import report
from convo_cli.output.waiting import drop_waiting, number_of
from convo_cli.render.data.transcript_rows import turn_rows
from convo_cli.render.pending import asking_again, kept_as, run_before

_Numbers = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="N", help="The number of a prompt that waits; the newest one here if not given."
    ),
]
_Drop = Annotated[
    bool,
    typer.Option("--drop", help="Drop the prompts N…, or all of them, instead of asking again."),
]
_Keep = Annotated[
    bool,
    typer.Option("--keep", help="Keep what came of the answer as a turn, instead of asking again."),
]
_Last = Annotated[
    bool, typer.Option("--last", help="Ask the last turn again, whatever else waits.")
]
_FromStart = Annotated[
    bool,
    typer.Option("--from-start", help="Run everything again, also the tools that have run before."),
]


@asks_a_model
def retry(
    ctx: typer.Context,
    choice: ModelChoice,
    numbers: _Numbers = None,
    drop: _Drop = False,
    keep: _Keep = False,
    last: _Last = False,
    from_start: _FromStart = False,
    raw: Raw = False,
) -> None:
    """Ask again: a prompt that failed, or the last turn in a branch beside it.

    A prompt that failed or was interrupted waits until it is asked again, or dropped with --drop N
    or --drop all; --keep makes a turn, marked as cut, of what came of its answer. `convo show
    --waiting` lists those that wait. It is asked where it was asked, at the end of its branch where
    that has gone on, of the model that it was asked of. Where none waits here, the last turn is
    asked again in a new branch.

    What its tools have done is kept: the model goes on from there, unless it is asked again
    --from-start.
    """
    invocation, given = Invocation.of(ctx), numbers or []
    if drop + last + keep > 1:
        raise UsageError("--drop, --keep and --last exclude each other")
    if drop:
        asyncio.run(_drop(invocation, given))
        return
    if len(given) + last > 1:
        raise UsageError("one prompt is asked again at a time", hint="give one number, or --last")
    number = given[0] if given else None
    if keep:
        asyncio.run(_keep(invocation, number))
    else:
        _ask_again(invocation, choice, number, last=last, from_start=from_start, raw=raw)


def _ask_again(
    invocation: Invocation,
    choice: ModelChoice,
    number: str | None,
    *,
    last: bool,
    from_start: bool,
    raw: bool,
) -> None:
    # Imported here, because dropping takes nothing of it.
    from convo_cli.ask.oneshot import ask_once

    async def find(store: ConversationStore) -> Question:
        question = await _question(invocation, store, number, last=last)
        question = question.again(from_start=from_start)
        said = asking_again(question.text, question.from_turn, question.note)
        said += run_before(question.ran, from_start=from_start)
        invocation.terminal.notice(said + await _elsewhere(invocation, store, question))
        return question

    ask_once(invocation, choice, find, raw=raw)


async def _drop(invocation: Invocation, given: list[str]) -> None:
    async with ConversationStore(invocation.settings.db) as store:
        await drop_waiting(invocation, store, given)


async def _keep(invocation: Invocation, number: str | None) -> None:
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        if number is not None:
            held = await store.waiting_turn(number_of(number))
        else:
            there = await locate(store, settings, new=False)
            held = await newest_here(store, there, or_new=settings.names_nothing)
        stored = await keep_turn(store, held, await held_question(store, held))
        (turn,) = await store.transcript(
            stored.session_id, stored.branch_id, stored.turn, stored.turn
        )
        if stored.started:
            invocation.terminal.notice(f"started session '{stored.session_id}'")
        row = {"session": stored.session_id, "branch": stored.branch_id, **next(turn_rows([turn]))}
        report(invocation, kept_as(stored, turn.cut is not None, "`convo continue`"), row)


async def _question(
    invocation: Invocation, store: ConversationStore, number: str | None, *, last: bool
) -> Question:
    settings, given = invocation.settings, invocation.given
    if number is not None:
        held = await store.waiting_turn(number_of(number))
        # The session of the environment says where one works, not where this prompt belongs.
        is_moved = given.session is not None or given.branch is not None
        there = await locate(store, settings, new=False) if is_moved else None
        return await held_question(store, held, there)
    there = await locate(store, settings, new=False)
    if last:
        return await last_question(store, there)
    # Where no place is named, a new session that failed to begin may be what is meant.
    return await question_again(store, there, or_new=settings.names_nothing)


async def _elsewhere(invocation: Invocation, store: ConversationStore, question: Question) -> str:
    """Where a question is asked that does not belong where the command works."""
    head, there = await store.head(), question.there
    here = invocation.settings.session or head.session_id
    if there.session is None or here is None or there.session == here:
        return ""
    return f"; in session '{there.session}' on branch '{there.branch}'"
