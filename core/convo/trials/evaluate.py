"""Evaluates models and agents: asks the cases of a set, and checks the answers.

Each attempt at a case is a branch: of the session of the run, or of the session whose branch the
case goes on from.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from convo.eval_records import EvalResult, EvalRun
from convo.store import ConversationStore
from convo.trials.asking import Asker
from convo.trials.attempts import Attempts, requests_of
from convo.trials.intervals import Interval, rate_of
from convo.trials.jobs import Job, OnReport, run_jobs
from convo.trials.planning import Cases, Plan, check_judges, name_of, planned, set_of


class Evaluation(NamedTuple):
    """A run of a set, and what came of every attempt."""

    run: EvalRun
    results: Sequence[EvalResult]

    @property
    def passed(self) -> bool:
        """Whether every attempt passed."""
        return all(one.passed for one in self.results)

    @property
    def failures(self) -> list[str]:
        """A line for every attempt that has not passed, with the reason."""
        return [
            f"{one.case} ({one.choice}): {one.reason}" for one in self.results if not one.passed
        ]

    def rate(self, choice: str | None = None) -> Interval:
        """The share of attempts that passed, of one choice or of all, with its interval."""
        return rate_of(list(attempts_by_case(self.results, choice).values()))


def attempts_by_case(
    results: Sequence[EvalResult], choice: str | None = None
) -> dict[tuple[int, str], list[bool]]:
    """Whether each attempt at a case passed, by its place and its digest."""
    found: dict[tuple[int, str], list[bool]] = {}
    for one in results:
        if choice is None or one.choice == choice:
            found.setdefault((one.position, one.digest), []).append(one.passed)
    return found


async def evaluate(
    store: ConversationStore,
    cases: Cases,
    askers: Mapping[str, Asker] | Asker,
    *,
    judge: Mapping[str, Asker] | Asker | None = None,
    repeat: int = 1,
    jobs: int = 4,
    resume: bool = False,
    session_id: str | None = None,
    servers: Mapping[str, str] | None = None,
    on_report: OnReport = lambda report: None,
) -> Evaluation:
    """Ask the cases of a set, check the answers, and store what came of them.

    Args:
        store: The database.
        cases: A set, the name of its file, or a list of cases such as
            `{"prompt": "2 + 2?", "contains": "4"}`.
        askers: Those who answer, by names; see `convo.asker` for an agent.
        judge: Who judges, for checks of the kind `judge`, or several by the names in `model`.
        repeat: How often each asks each case.
        jobs: How many cases are asked at the same time.
        resume: Go on with the last run of the same cases that was stopped or has errors.
        session_id: The session of cases that name a branch and no session.
        servers: The servers of the askers by their names, as for `replay`.
        on_report: Called with everything that happens.

    Returns:
        The run with what came of every attempt: its tokens, its cost in US dollars, and the seconds
            it took. An attempt that fails stops no other.

    Raises:
        SetError: The set has mistakes; it names all of them before anything is asked.
        NotFoundError: There is no run to resume, or a case names a session, branch or turn that is
            missing.
    """
    known = askers if isinstance(askers, Mapping) else {"agent": askers}
    judges = judge if isinstance(judge, Mapping) else {"": judge} if judge else {}
    plan = await planned(
        store, set_of(cases), tuple(known), repeat=repeat, resume=resume, session_id=session_id
    )
    check_judges(plan.cases, judges)
    run = await begun(store, plan)
    return await carry_out(
        store,
        plan,
        run,
        known,
        judges,
        jobs=jobs,
        slots=asyncio.Semaphore(jobs),
        servers=servers or {},
        on_report=on_report,
    )


async def begun(store: ConversationStore, plan: Plan) -> EvalRun:
    """The run of a plan: the one that goes on, or a new one, with a session of its own."""
    return plan.run or await store.begin_eval(
        plan.cases.name,
        path=plan.cases.path,
        digest=plan.cases.digest,
        choices=list(plan.choices),
        cases=len(plan.cases.cases),
        repeat=plan.repeat,
    )


async def carry_out(
    store: ConversationStore,
    plan: Plan,
    run: EvalRun,
    askers: Mapping[str, Asker],
    judges: Mapping[str, Asker],
    *,
    jobs: int,
    slots: asyncio.Semaphore | None = None,
    servers: Mapping[str, str],
    on_report: OnReport = lambda report: None,
) -> Evaluation:
    """Ask what is left of a plan, and store what came of it.

    Each asker takes one of `slots` while it is called; without them, askers see to it themselves
    that as many as `jobs` are asked at the same time. Twice as many attempts are under way, so that
    a server need not wait while answers are stored and checked.
    """
    async with Attempts(store, run, plan.cases, askers, judges, servers, slots) as attempts:
        attempts.expect(plan.left, ahead=4 * jobs)
        ended = await run_jobs(
            [
                Job(
                    name_of(one, plan),
                    attempts.work(one),
                    total=requests_of(one),
                    server=servers.get(one.choice, ""),
                    model=one.choice,
                )
                for one in plan.left
            ],
            at_once=2 * jobs,
            on_report=on_report,
        )
    for one, end in zip(plan.left, ended, strict=True):
        if end.error is not None:
            attempts.note_lost(one, end.error)
    results = sorted([*plan.done, *attempts.results])
    if attempts.is_whole:
        run = await store.end_eval(run.run)
    return Evaluation(run, results)
