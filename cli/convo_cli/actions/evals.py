"""Asks the cases of a set of models and agents, and checks the answers."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import typer

from convo.errors import SetError
from convo.eval_records import EvalResult, EvalRun
from convo.store import ConversationStore
from convo.trials.attempts import Attempt, requests_of
from convo.trials.cases import CaseSet
from convo.trials.estimate import guessed, recorded_turns
from convo.trials.evaluate import begun, carry_out
from convo.trials.planning import Plan, check_judges, judged_by, name_of, planned
from convo.trials.recorded import Tools
from convo.trials.set_files import read_set
from convo.usage_records import Tokens
from convo_cli.exits import ExitCode
from convo_cli.invocation import Invocation
from convo_cli.location import location_if_there
from convo_cli.output.evals import write_junit, write_report
from convo_cli.render.data.eval_rows import summaries
from convo_cli.render.evals import percent
from convo_cli.render.terminal.text import one_line
from convo_cli.render.trials import Line
from convo_cli.settings import Format
from convo_cli.trials.choices import Tried, completed, server_key
from convo_cli.trials.costs import Planned, confirm_costs, plan
from convo_cli.trials.progress import Progress
from convo_cli.trials.running import opened_askers, run_trial
from convo_cli.trials.stopping import EndedError, stoppable_trial
from convo_cli.turn.choice import ModelChoice


def run_set(
    invocation: Invocation,
    choices: Sequence[Tried],
    path: Path,
    *,
    repeat: int,
    jobs: int,
    minimum: float | None,
    judge: str | None,
    junit: Path | None,
    resume: bool,
    tools: Tools,
    yes: bool,
) -> None:
    """Ask the cases of a set with each choice, check the answers, and write what came of them."""
    try:
        cases = read_set(path)
    except SetError as error:
        if not path.exists() and not path.suffix:
            error.hint = "`convo eval --help` lists the commands"
        raise
    if judge is not None:
        cases = cases._replace(judge=judge)

    async def work() -> None:
        db = invocation.settings.db
        async with ConversationStore(db) as store:
            location = await location_if_there(store, invocation.settings)
            tried = await completed(invocation, store, None, choices)
            judges = await _judges(invocation, store, cases)
            check_judges(cases, {one.name for one in judges})
            todo = await planned(
                store,
                cases,
                [one.name for one in tried],
                repeat=repeat,
                resume=resume,
                session_id=None if location is None else location.session,
            )
            plans = await _plans(invocation, store, todo, tried, judges)
        await confirm_costs(invocation, plans, yes=yes)
        async with ConversationStore(db, create=True) as store:
            run, results, code = await _evaluated(
                invocation, store, todo, tried, judges, jobs, tools
            )
        if junit is not None:
            write_junit(invocation, junit, run, results)
        write_report(invocation, run, results)
        code = code or _verdict(invocation, run, results, minimum)
        if code is not ExitCode.DONE:
            raise typer.Exit(code)

    run_trial(invocation, work())


async def _judges(invocation: Invocation, store: ConversationStore, cases: CaseSet) -> list[Tried]:
    """The models that judge, completed and permitted; a set without such checks has none."""
    names = dict.fromkeys(name for case in cases.cases for name in judged_by(cases, case) if name)
    choices = [
        Tried(
            name,
            ModelChoice(
                model=name,
                is_chosen=True,
                goes_on_with_agent=False,
                goes_on_with_template=False,
                mcp=(),
            ),
        )
        for name in names
    ]
    return await completed(invocation, store, None, choices) if choices else []


async def _plans(
    invocation: Invocation,
    store: ConversationStore,
    todo: Plan,
    tried: Sequence[Tried],
    judges: Sequence[Tried],
) -> list[Planned]:
    """What is left to be asked of everybody, by what it took before if that is known."""
    known = await _known(store, todo.cases)
    turns: dict[str, list[Tokens]] = {one.name: [] for one in tried}
    verdicts: dict[str, list[Tokens]] = {one.name: [] for one in judges}
    recorded: dict[int, list[Tokens]] = {}
    for attempt in todo.left:
        if attempt.position not in recorded:
            recorded[attempt.position] = await _expected(store, attempt, known)
        turns[attempt.choice] += recorded[attempt.position]
        for name in judged_by(todo.cases, attempt.case):
            if name in verdicts:
                verdicts[name].append(guessed(_JUDGED * "x"))
    plans = [plan(invocation, one, turns[one.name]) for one in tried]
    return plans + [
        plan(invocation, one._replace(name=f"judge {one.name}"), verdicts[one.name])
        for one in judges
    ]


_JUDGED = 2_000
"""The characters of a question to a judge, roughly: the rubric, the prompt and the answer."""


async def _known(store: ConversationStore, cases: CaseSet) -> dict[str, Tokens]:
    """What each case took in the last run of the set, by its digest."""
    for run in await store.evals():
        if run.name == cases.name and run.done:
            results = await store.eval_results(run.run)
            return {one.digest: one.tokens for one in results if one.tokens.total_tokens}
    return {}


async def _expected(
    store: ConversationStore, attempt: Attempt, known: dict[str, Tokens]
) -> list[Tokens]:
    """The tokens that an attempt will probably take, a turn for each of its prompts."""
    case, source = attempt.case, attempt.source
    if case.digest in known:
        return [known[case.digest]]
    before: Tokens | None = None
    if source is not None:
        turns = await recorded_turns(
            store, source.session_id, source.branch_id, source.first, source.first
        )
        if not case.prompts:
            return turns
        before = turns[0]
    told = (case.instructions or "") + "".join(one["content"] for one in case.history)
    found: list[Tokens] = []
    for prompt in case.prompts:
        before = guessed(prompt if found else told + prompt, before)
        found.append(before)
    return found


async def _evaluated(
    invocation: Invocation,
    store: ConversationStore,
    todo: Plan,
    tried: Sequence[Tried],
    judges: Sequence[Tried],
    jobs: int,
    tools: Tools,
) -> tuple[EvalRun, Sequence[EvalResult], ExitCode]:
    """Ask everything that is left; return what came of it, and the exit code of a signal."""
    run = await begun(store, todo)
    models = {one.name: one.model for one in tried}
    progress = Progress(
        invocation.terminal,
        [
            Line(name_of(one, todo), 0, requests_of(one), model=models[one.choice])
            for one in todo.left
        ],
    )
    servers = {one.name: server_key(invocation, one) for one in [*judges, *tried]}
    slots = asyncio.Semaphore(jobs)
    async with AsyncExitStack() as stack:
        askers = await stack.enter_async_context(
            opened_askers(invocation, store, tried, progress, tools=tools, slots=slots)
        )
        asked = await stack.enter_async_context(
            opened_askers(invocation, store, judges, progress, tools="refuse", slots=slots)
        )
        asking = carry_out(
            store, todo, run, askers, asked, jobs=jobs, servers=servers, on_report=progress
        )
        try:
            async with progress:
                found = await stoppable_trial(asking, invocation.terminal, progress.close)
        except EndedError as error:
            return await store.eval_run(run.run), await store.eval_results(run.run), error.code
    return found.run, found.results, ExitCode.DONE


def _verdict(
    invocation: Invocation, run: EvalRun, results: Sequence[EvalResult], minimum: float | None
) -> ExitCode:
    """The exit code of a run that was not stopped; says on stderr what it stands for."""
    terminal = invocation.terminal
    again = "the same command with --resume asks them again"
    found = summaries(run.choices, results)
    lost = sum(one.errors for one in found)
    if lost and lost == sum(one.attempts for one in found):
        terminal.error(f"none of {lost:,} attempts came to a result", again)
        return ExitCode.MODEL
    if minimum is not None:
        below = [one for one in found if one.rate.value < minimum]
        for one in below:
            terminal.error(
                f"{one_line(one.choice)} passed {percent(one.rate.value)}, below the "
                f"{percent(minimum)} of --min",
                again if one.errors else None,
            )
        return ExitCode.UNEXPECTED if below else ExitCode.DONE
    if lost:
        terminal.error(f"{lost:,} of {len(results):,} attempts came to no result", again)
        return ExitCode.MODEL
    if invocation.settings.format is Format.TABLE:
        terminal.notice(
            f"run {run.run}: `convo eval show {run.run}` shows it again, `convo eval compare "
            f"{run.run} RUN` compares it with another"
        )
    return ExitCode.DONE
