"""Lists, shows and compares runs of sets of cases."""

import asyncio
from pathlib import Path

from convo.errors import NotFoundError
from convo.eval_records import EvalResult, EvalRun
from convo.names import nearest
from convo.store import ConversationStore
from convo.trials.comparison import compared
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.output.evals import write_junit, write_report
from convo_cli.output.report import show, show_none
from convo_cli.render.evals import comparison, difference_in_words, evals
from convo_cli.settings import Format

_LONGEST = 18
"""Digits of a number that a database can have."""


def list_(invocation: Invocation, limit: int | None) -> None:
    """List the runs, the newest first."""

    async def read() -> list[EvalRun]:
        async with ConversationStore(invocation.settings.db) as store:
            return await store.evals(limit)

    listing = evals(runs := asyncio.run(read()))
    if runs:
        show(invocation, listing)
    else:
        invocation.terminal.notice("no eval yet; `convo eval SET` makes the first")
        show_none(invocation, listing)


def show_(invocation: Invocation, named: str, *, every: bool, junit: Path | None) -> None:
    """Show what came of a run, or of one of its choices."""

    async def read() -> tuple[EvalRun, list[EvalResult]]:
        number, choice = _parts(named)
        async with ConversationStore(invocation.settings.db) as store:
            run = await store.eval_run(number)
            results = await store.eval_results(number)
        if choice is not None:
            _check_choice(run, choice)
            run = run._replace(choices=(choice,))
            results = [one for one in results if one.choice == choice]
        return run, results

    run, results = asyncio.run(read())
    if junit is not None:
        write_junit(invocation, junit, run, results)
    write_report(invocation, run, results, every=every)


def compare(invocation: Invocation, before: str, after: str) -> None:
    """Compare two runs, or two choices of one."""

    async def read() -> list[tuple[EvalRun, list[EvalResult]]]:
        async with ConversationStore(invocation.settings.db) as store:
            return [
                (await store.eval_run(number), await store.eval_results(number))
                for number, _ in (_parts(before), _parts(after))
            ]

    (first, earlier), (second, later) = asyncio.run(read())
    choices = _pair(first, _parts(before)[1], second, _parts(after)[1])
    found = compared(_of(earlier, choices[0]), _of(later, choices[1]))
    if choices == (None, None):
        asked, example = ", ".join(first.choices), f"{first.run}/{first.choices[0]}"
        invocation.terminal.notice(f"compared over {asked} together: {example} names one of them")
    listing = comparison((first, choices[0]), (second, choices[1]), found)
    if invocation.settings.format is not Format.TABLE:
        show(invocation, listing)
        return
    if found.changed:
        show(invocation, listing)
        invocation.terminal.write("\n")
    invocation.terminal.write(difference_in_words(found))


def _parts(named: str) -> tuple[int, str | None]:
    """The number of a run, and the choice after a slash. Raises `UsageError`."""
    number, slash, choice = named.partition("/")
    if not (number.isascii() and number.isdigit() and len(number) <= _LONGEST):
        raise UsageError(
            f"'{named}' is no run: a run has a number", hint="`convo eval list` lists them"
        )
    return int(number), choice if slash else None


def _of(results: list[EvalResult], choice: str | None) -> list[EvalResult]:
    """The results of a choice, or of all."""
    return [one for one in results if choice in (None, one.choice)]


def _pair(
    first: EvalRun, one: str | None, second: EvalRun, other: str | None
) -> tuple[str, str] | tuple[None, None]:
    """The choices to compare: those that were named, or else one that both runs have.

    None stands for all of them together, if both runs asked the same ones.
    """
    for run, choice in ((first, one), (second, other)):
        if choice is not None:
            _check_choice(run, choice)
    both = [choice for choice in first.choices if choice in second.choices]
    if one is None and other is None:
        if len(both) == 1 and len(first.choices) > 1:
            return both[0], both[0]
        if len(both) == len(first.choices) == len(second.choices) > 1 and first.run != second.run:
            return None, None
    return _only(first, one, other), _only(second, other, one)


def _only(run: EvalRun, named: str | None, of_other: str | None) -> str:
    if named is not None:
        return named
    if len(run.choices) == 1:
        return run.choices[0]
    if of_other in run.choices:
        return str(of_other)
    raise UsageError(
        f"run {run.run} asked {', '.join(run.choices)}",
        hint=f"name one of them, as {run.run}/{next(iter(run.choices), '')}",
    )


def _check_choice(run: EvalRun, choice: str) -> None:
    if choice not in run.choices:
        raise NotFoundError(
            f"run {run.run} did not ask '{choice}'", hint=nearest(choice, run.choices)
        )
