"""Finds the first turn whose answer fails a check."""

import math
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import NamedTuple

import typer

from convo.errors import NoMatchError
from convo.records import Location
from convo.store import ConversationStore
from convo.trials.bisect import OnError, turns_between
from convo.trials.bisect import bisect as bisected
from convo.trials.estimate import recorded_turns
from convo.trials.recorded import Tools
from convo.trials.searching import Bisected, most_checks
from convo_cli.exits import ExitCode, UsageError
from convo_cli.invocation import Invocation
from convo_cli.location import find_location
from convo_cli.output.bisect import write_bisected
from convo_cli.render.bisect import AFTER_RERUNS, Searched, nothing_fails, what_next
from convo_cli.trials.checking import Checking
from convo_cli.trials.choices import Tried, completed
from convo_cli.trials.costs import confirm_costs, plan
from convo_cli.trials.running import opened_askers, run_trial
from convo_cli.trials.stopping import EndedError, stoppable_trial
from convo_cli.turn.choice import ModelChoice


class Wanted(NamedTuple):
    """What to look for, as typed."""

    branch: str | None
    check: str | None
    first: str | None
    last: str | None
    every: bool
    limit: float
    on_error: OnError
    tools: Tools
    yes: bool


def bisect(invocation: Invocation, choices: Sequence[Tried], wanted: Wanted) -> None:
    """Find the first turn whose answer fails, and write what was checked. Raises `NoMatchError`."""
    reruns = _reruns(choices, wanted)
    searched: list[Searched] = []
    shown: list[Checking] = []

    async def work() -> None:
        async with ConversationStore(invocation.settings.db) as store:
            location = await find_location(store, invocation.settings)
            branch = location.branch
            if wanted.branch is not None:
                branch = await store.branch_called(location.session, wanted.branch)
            where = Location(location.session, branch)
            turns = await _turns(store, where, wanted)
            most = len(turns) if wanted.every else most_checks(len(turns), reruns=reruns)
            tried = None
            if reruns:
                (tried,) = await completed(invocation, store, where, choices)
                await _confirm(invocation, store, where, turns, tried, most, yes=wanted.yes)
            checking = Checking(invocation.terminal, most, reruns=reruns)
            shown.append(checking)
            found = await _found(invocation, store, where, turns, tried, wanted, checking)
            searched.append(Searched(*where, found, reruns=reruns, every=wanted.every))

    try:
        run_trial(invocation, work())
    except EndedError as error:
        if error.code is ExitCode.INTERRUPTED:
            asked = reruns and any(checking.count for checking in shown)
            invocation.terminal.error("interrupted", AFTER_RERUNS if asked else None)
        raise typer.Exit(error.code) from None
    for one in searched:
        write_bisected(invocation, one)
        if not one.found.candidates:
            raise NoMatchError(nothing_fails(one), hint=what_next(one))


async def _turns(store: ConversationStore, where: Location, wanted: Wanted) -> list[int]:
    """The turns among which to search."""
    first, last = [
        None if named is None else await store.turn_called(*where, named)
        for named in (wanted.first, wanted.last)
    ]
    return await turns_between(store, *where, first, last)


def _reruns(choices: Sequence[Tried], wanted: Wanted) -> bool:
    """Whether prompts are asked again. Raises `UsageError` for options that make no sense."""
    if wanted.check is None or not wanted.check.strip():
        raise UsageError(
            "there is nothing to check the answers with", hint="say --check 'grep -q WORD'"
        )
    if len(choices) > 1:
        raise UsageError("one model is asked at a time", hint="run it once for each model")
    if not math.isfinite(wanted.limit) or wanted.limit <= 0:
        raise UsageError(f"--check-timeout is a number of seconds above 0, not {wanted.limit:g}")
    reruns = choices[0].choice != ModelChoice()
    if reruns and wanted.every:
        raise UsageError(
            "--all checks recorded answers, and asks no model",
            hint="`convo replay` asks every prompt again",
        )
    return reruns


async def _confirm(
    invocation: Invocation,
    store: ConversationStore,
    where: Location,
    turns: Sequence[int],
    tried: Tried,
    most: int,
    *,
    yes: bool,
) -> None:
    """Say what the reruns will cost at most, and ask if there are more than a few."""
    recorded = await recorded_turns(store, *where, turns[0], turns[-1])
    # Which turns will be asked again is not known before: these are the longest.
    longest = sorted(recorded, key=lambda tokens: tokens.total_tokens, reverse=True)[:most]
    await confirm_costs(invocation, [plan(invocation, tried, longest)], yes=yes, always=True)


async def _found(
    invocation: Invocation,
    store: ConversationStore,
    where: Location,
    turns: Sequence[int],
    tried: Tried | None,
    wanted: Wanted,
    checking: Checking,
) -> Bisected:
    """Search, and return what was found. Raises `EndedError` if a signal stops it."""
    assert wanted.check is not None
    async with AsyncExitStack() as stack:
        asker = None
        if tried is not None:
            asking = opened_askers(invocation, store, [tried], checking, tools=wanted.tools)
            asker = (await stack.enter_async_context(asking))[tried.name]
        searching = bisected(
            store,
            where.session_id,
            wanted.check,
            branch_id=where.branch_id,
            first=turns[0],
            last=turns[-1],
            asker=asker,
            every=wanted.every,
            limit=wanted.limit,
            on_error=wanted.on_error,
            on_checked=checking.checked,
            on_report=checking.report,
        )
        try:
            return await stoppable_trial(searching, invocation.terminal, checking.close, hint=None)
        finally:
            checking.close()
