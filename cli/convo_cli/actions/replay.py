"""Asks the prompts of a branch again, each model on a branch of its own."""

from collections.abc import Sequence

import typer

from convo.records import Location
from convo.store import ConversationStore
from convo.trials.estimate import recorded_turns
from convo.trials.recorded import Tools
from convo.trials.replay import Replayed, Source, begin, go_on, resumable, source_of
from convo.usage_records import Tokens
from convo_cli.exits import ExitCode
from convo_cli.invocation import Invocation
from convo_cli.location import find_location
from convo_cli.output.report import show
from convo_cli.render.trials import Line, compared, lines
from convo_cli.settings import Format
from convo_cli.trials.choices import Tried, completed, server_key
from convo_cli.trials.costs import Planned, confirm_costs, plan
from convo_cli.trials.progress import Progress
from convo_cli.trials.running import opened_askers, run_trial
from convo_cli.trials.stopping import EndedError, stoppable_trial


def replay(
    invocation: Invocation,
    choices: Sequence[Tried],
    *,
    branch: str | None,
    first: str | None,
    repeat: int,
    jobs: int,
    resume: bool,
    tools: Tools,
    yes: bool,
) -> None:
    """Ask the prompts of a branch again with each choice, and write what came of them."""

    async def work() -> None:
        async with ConversationStore(invocation.settings.db) as store:
            source = await _source(invocation, store, branch, first)
            location = Location(source.session_id, source.branch_id)
            tried = await completed(invocation, store, location, choices)
            plans = await _plans(invocation, store, source, tried, repeat, resume=resume)
            await confirm_costs(invocation, plans, yes=yes)
            names = [one.name for one in tried]
            begun = await begin(store, source, names, repeat=repeat, resume=resume)
            code = await _replayed(invocation, store, source, tried, begun, jobs, tools)
        if code is not ExitCode.DONE:
            raise typer.Exit(code)

    run_trial(invocation, work())


async def _source(
    invocation: Invocation, store: ConversationStore, branch: str | None, first: str | None
) -> Source:
    location = await find_location(store, invocation.settings)
    source = location.branch
    if branch is not None:
        source = await store.branch_called(location.session, branch)
    number = None if first is None else await store.turn_called(location.session, source, first)
    return await source_of(store, location.session, source, number)


async def _plans(
    invocation: Invocation,
    store: ConversationStore,
    source: Source,
    tried: Sequence[Tried],
    repeat: int,
    *,
    resume: bool,
) -> list[Planned]:
    """What is left to be asked with each choice."""
    last = source.turns.numbers[-1]
    turns = await recorded_turns(store, source.session_id, source.branch_id, source.first, last)
    plans = []
    for one in tried:
        known = await resumable(store, source, one.name, repeat) if resume else []
        left: list[Tokens] = turns * (repeat - len(known))
        for _, done in known:
            left += turns[done:]
        plans.append(plan(invocation, one, left))
    return plans


async def _replayed(
    invocation: Invocation,
    store: ConversationStore,
    source: Source,
    tried: Sequence[Tried],
    begun: Sequence[Replayed],
    jobs: int,
    tools: Tools,
) -> ExitCode:
    """Ask everything, write what came of it, and return the exit code."""
    by_name = {one.name: one for one in tried}
    progress = Progress(
        invocation.terminal,
        [_line(source, one, by_name[one.name]) for one in begun],
    )
    code = ExitCode.DONE
    servers = {one.name: server_key(invocation, one) for one in tried}
    async with opened_askers(invocation, store, tried, progress, tools=tools) as askers:
        asking = go_on(store, source, begun, askers, jobs=jobs, servers=servers, on_report=progress)
        try:
            async with progress:
                await stoppable_trial(asking, invocation.terminal, progress.close)
        except EndedError as error:
            code = error.code
    found = [
        line._replace(branch=one.branch_id if one.turns else None, error=one.error)
        for line, one in zip(progress.lines, begun, strict=True)
    ]
    show(invocation, lines(found))
    if code is ExitCode.DONE and any(not one.is_whole for one in begun):
        code = ExitCode.MODEL
    _say_what_next(invocation, source, found, code)
    return code


def _line(source: Source, one: Replayed, tried: Tried) -> Line:
    return Line(
        one.name,
        one.done,
        one.wanted,
        session=source.session_id,
        branch=one.branch_id,
        model=tried.model,
        from_turn=source.first,
    )


def _say_what_next(
    invocation: Invocation, source: Source, found: Sequence[Line], code: ExitCode
) -> None:
    terminal = invocation.terminal
    unfinished = [line for line in found if line.done < line.total]
    if code is ExitCode.INTERRUPTED:
        terminal.error("interrupted", "the same command with --resume goes on")
    elif unfinished and code is ExitCode.MODEL:
        terminal.error(
            f"{len(unfinished)} of {len(found)} did not answer every prompt",
            "the same command with --resume goes on",
        )
    elif invocation.settings.format is Format.TABLE:
        terminal.notice(compared(source.branch_id, [line.branch for line in found if line.branch]))
