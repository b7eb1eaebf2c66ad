"""What an evaluation is to ask: the attempts at the cases of a set that are left."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from convo.errors import ConflictError, NotFoundError, SetError
from convo.eval_records import EvalResult, EvalRun
from convo.store import ConversationStore
from convo.trials.attempts import Attempt
from convo.trials.cases import Case, CaseSet, case_of
from convo.trials.checks import KINDS
from convo.trials.replay import Source, source_of
from convo.trials.set_files import read_set

Cases = CaseSet | str | Path | Sequence[Case | Mapping[str, Any]]
"""A set, the name of its file, or cases made by a program, with the keys that a file has."""


class Plan(NamedTuple):
    """What is to be asked: the attempts that are left, of a run that goes on or of a new one."""

    cases: CaseSet
    choices: tuple[str, ...]
    repeat: int
    left: Sequence[Attempt]
    run: EvalRun | None = None
    done: Sequence[EvalResult] = ()


def set_of(cases: Cases) -> CaseSet:
    """The set that was given as such, as a file, or as a list. Raises `SetError`."""
    if isinstance(cases, CaseSet):
        return cases
    if isinstance(cases, str | Path):
        return read_set(cases)
    made: list[Case] = []
    wrong: list[str] = []
    for number, one in enumerate(cases, 1):
        try:
            made.append(one if isinstance(one, Case) else case_of(**one))
        except SetError as error:
            wrong += [line.replace("the case", f"case {number}", 1) for line in error.lines]
    if wrong or not made:
        raise SetError(wrong or ["there are no cases"])
    taken: set[str] = set()
    for number, one in enumerate(made):
        name, count = one.name, 1
        while name in taken:
            count += 1
            name = f"{one.name}-{count}"
        taken.add(name)
        made[number] = one._replace(name=name)
    return CaseSet("cases", made)


async def planned(
    store: ConversationStore,
    cases: CaseSet,
    choices: Sequence[str],
    *,
    repeat: int = 1,
    resume: bool = False,
    session_id: str | None = None,
) -> Plan:
    """What is to be asked. Raises `SetError` if a case goes on from a turn that is not there.

    With `resume`, it is what the last run of these cases has no answer for; raises `NotFoundError`
    or `ConflictError` if there is none.
    """
    sources = await _sources(store, cases, session_id)
    run = await _to_resume(store, cases, choices, repeat) if resume else None
    done = [] if run is None else await store.eval_results(run.run)
    answered = {(one.position, one.choice, one.attempt) for one in done if one.state != "error"}
    left = [
        Attempt(position, case, choice, number, sources.get(position))
        for position, case in enumerate(cases.cases)
        for choice in choices
        for number in range(1, repeat + 1)
        if (position, choice, number) not in answered
    ]
    kept = [one for one in done if one.state != "error"]
    return Plan(cases, tuple(choices), repeat, left, run, kept)


async def _to_resume(
    store: ConversationStore, cases: CaseSet, choices: Sequence[str], repeat: int
) -> EvalRun:
    """The last run of these cases by these choices, which is not whole."""
    runs = [one for one in await store.evals() if one.name == cases.name]
    if not runs:
        raise NotFoundError(
            f"there is no eval of '{cases.name}' to resume", hint="leave out --resume"
        )
    for run in runs:
        is_same = (run.digest, run.repeat) == (cases.digest, repeat)
        if is_same and set(run.choices) == set(choices) and run.session_id is not None:
            return run
    last = runs[0]
    each = f", {last.repeat} times each" if last.repeat > 1 else ""
    raise ConflictError(
        f"the last eval of '{cases.name}', {last.run}, had other cases or choices: "
        f"it asked {', '.join(last.choices)}{each}",
        hint="ask the same, or leave out --resume",
    )


async def _sources(
    store: ConversationStore, cases: CaseSet, session_id: str | None
) -> dict[int, Source]:
    """The turns that cases go on from. Raises `SetError` with those that are not there."""
    found: dict[int, Source] = {}
    wrong: list[str] = []
    known: dict[tuple[str, str], Source] = {}
    where = "" if cases.path is None else f"{cases.path}, "
    for position, case in enumerate(cases.cases):
        if case.origin is None:
            continue
        session = case.origin.session_id or session_id
        branch, turn = case.origin.branch_id, case.origin.turn
        try:
            if session is None:
                raise NotFoundError("it names no session, and none is current")
            if (session, branch) not in known:
                known[session, branch] = await source_of(store, session, branch, None)
            source = known[session, branch]
            number = await store.turn_called(session, branch, turn)
            found[position] = source._replace(first=number)
        except NotFoundError as error:
            wrong.append(f"{where}case '{case.name}': {error}")
    if wrong:
        raise SetError(wrong)
    return found


def name_of(attempt: Attempt, plan: Plan) -> str:
    """What an attempt is called among the others."""
    name = attempt.case.name
    if len(plan.choices) > 1:
        name += f" {attempt.choice}"
    return f"{name} {attempt.number}" if plan.repeat > 1 else name


def judged_by(cases: CaseSet, case: Case) -> list[str]:
    """The names of the judges of a case, "" for one without a name, once for each check."""
    return [one.model or cases.judge or "" for one in case.checks if one.kind == KINDS[-1]]


def check_judges(cases: CaseSet, judges: Collection[str]) -> None:
    """Raise `SetError` unless there is a judge for every check that needs one."""
    wrong = []
    for case in cases.cases:
        for name in judged_by(cases, case):
            if name not in judges and "" not in judges:
                whom = f"'{name}'" if name else "no model"
                wrong.append(f"case '{case.name}' has a check `judge`, and {whom} is there to ask")
    if wrong:
        raise SetError(wrong[:1], hint="name a model with `judge_model` or --judge")
