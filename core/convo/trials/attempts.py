"""The attempts at the cases of a set: each asks on a branch of its own, and is checked."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, cast

from convo.errors import ConvoError
from convo.eval_records import EvalResult, EvalRun, EvalState
from convo.records import Location
from convo.sdk import AdvancedSession
from convo.store import ConversationStore
from convo.trials.asking import Asker, Outcome, Prompt, total
from convo.trials.branches import NewBranches, drop_unanswered, stem_of, whole
from convo.trials.cases import Case, CaseSet
from convo.trials.checks import Check, Judgement, check_answer
from convo.trials.jobs import Running, said_of
from convo.trials.judging import SCHEMA, judgement_of, question
from convo.trials.matching import Matcher
from convo.trials.replay import Source, TrialError, prompts


class Attempt(NamedTuple):
    """One attempt at a case, by one choice; `source` is the turn that the case goes on from."""

    position: int
    case: Case
    choice: str
    number: int
    source: Source | None = None


def prompts_of(attempt: Attempt) -> list[Prompt]:
    """The prompts of an attempt: its own, or that of the turn that it asks again."""
    case, source = attempt.case, attempt.source
    if case.prompts or source is None:
        return [Prompt(text, instructions=case.instructions) for text in case.prompts]
    first = next(prompts(source.turns, source.first))
    return [first._replace(instructions=case.instructions)]


def requests_of(attempt: Attempt) -> int:
    """The number of prompts of an attempt."""
    return len(attempt.case.prompts) or 1


class Attempts:
    """Makes the attempts of a run, and stores what came of each; an async context manager."""

    def __init__(
        self,
        store: ConversationStore,
        run: EvalRun,
        cases: CaseSet,
        askers: Mapping[str, Asker],
        judges: Mapping[str, Asker],
        servers: Mapping[str, str],
        slots: asyncio.Semaphore | None = None,
    ) -> None:
        self.results: list[EvalResult] = []
        self.is_whole = True
        self._store = store
        self._run = run
        self._cases = cases
        self._askers = askers
        self._judges = judges
        self._servers = servers
        self._slots = slots
        self._matcher = Matcher()
        self._free = NewBranches(store, run.session_id or "")

    async def __aenter__(self) -> "Attempts":
        await self._matcher.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._matcher.__aexit__()
        await self._free.drop()

    def expect(self, attempts: Sequence[Attempt], *, ahead: int) -> None:
        """Make the branches of these attempts, so many ahead of them."""
        stems = [self._stem(one) for one in attempts if one.source is None]
        self._free.expect(stems, ahead)

    def work(self, attempt: Attempt) -> Callable[[Running], Awaitable[None]]:
        """The work of an attempt, for a job."""
        return partial(self._made, attempt)

    def note_lost(self, attempt: Attempt, error: Exception) -> None:
        """Note the error of an attempt whose result could not be stored."""
        key = (attempt.position, attempt.choice, attempt.number)
        if key not in {(one.position, one.choice, one.attempt) for one in self.results}:
            self.is_whole = False
            self.results.append(_result(attempt, "error")._replace(message=said_of(error)))

    async def _made(self, attempt: Attempt, running: Running) -> None:
        begun = time.monotonic()
        asker = self._askers[attempt.choice]
        outcomes: list[Outcome] = []
        place = await self._place(attempt)
        try:
            await self._ask(attempt, asker, place, running, outcomes)
        except BaseException as error:
            # What is not whole is taken back, and what was asked before it stays in the ledger.
            await self._drop(attempt, place)
            if isinstance(error, Exception):
                failed = _result(attempt, "error")._replace(message=said_of(error))
                await self._note(_with_spent(failed, outcomes, begun))
            raise
        await self._note(await self._checked(attempt, place, running, outcomes, begun))

    async def _place(self, attempt: Attempt) -> Location:
        """A new branch for an attempt."""
        source = attempt.source
        if source is None:
            return Location(self._run.session_id or "", await self._free.take(self._stem(attempt)))
        making = asyncio.ensure_future(
            self._store.branch(
                source.session_id,
                source.branch_id,
                turn=source.first,
                stem=f"eval-{self._stem(attempt)}",
                expected=None,
            )
        )
        try:
            made = await asyncio.shield(making)
        except asyncio.CancelledError:
            # It is made all the same.
            await self._drop(attempt, Location(source.session_id, await making))
            raise
        return Location(source.session_id, made)

    def _stem(self, attempt: Attempt) -> str:
        name = attempt.case.name
        return stem_of(attempt.choice, name) if len(self._run.choices) > 1 else name

    async def _ask(
        self,
        attempt: Attempt,
        asker: Asker,
        place: Location,
        running: Running,
        outcomes: list[Outcome],
    ) -> None:
        session = self._store.session(*place)
        try:
            if attempt.case.history:
                await session.add_items([cast(Any, dict(one)) for one in attempt.case.history])
            for prompt in prompts_of(attempt):
                outcome = await running.ask(self._limited(asker), session, prompt)
                outcomes.append(outcome)
                if outcome.error is not None:
                    raise TrialError(outcome.error)
        finally:
            await session.close()

    def _limited(self, asker: Asker) -> Asker:
        """An asker that leaves nothing of what fails, and takes a slot while it asks."""
        slots = self._slots
        if slots is None:
            return whole(self._store, asker)

        async def ask(session: AdvancedSession, prompt: Prompt) -> Any:
            async with slots:
                return await asker(session, prompt)

        return whole(self._store, ask)

    async def _drop(self, attempt: Attempt, place: Location) -> None:
        """Drop the branch of an attempt that has failed, and what waits there for a retry."""
        first = 1 if attempt.source is None else attempt.source.first
        await drop_unanswered(self._store, place, first)

    async def _checked(
        self,
        attempt: Attempt,
        place: Location,
        running: Running,
        outcomes: Sequence[Outcome],
        begun: float,
    ) -> EvalResult:
        case, last = attempt.case, outcomes[-1]
        spent: list[Outcome] = []
        session_id, branch_id = place.session_id, last.branch or place.branch_id
        turn = last.turn or await self._store.last_turn(session_id, branch_id)
        asked = prompts_of(attempt)[-1].text

        async def judge(check: Check) -> Judgement:
            return await self._judged(attempt, check, asked, last.text, running, spent)

        checks = await check_answer(last.text, case.checks, self._matcher, judge)
        state: EvalState = "passed"
        if any(one.passed is None for one in checks):
            state = "error"
        if any(one.passed is False for one in checks):
            state = "failed"
        result = _result(attempt, state)._replace(
            session_id=session_id,
            branch_id=branch_id,
            turn=turn,
            checks=tuple(checks),
            judge_cost=total(spent).cost,
        )
        return _with_spent(result, outcomes, begun)

    async def _judged(
        self,
        attempt: Attempt,
        check: Check,
        asked: str,
        answer: str,
        running: Running,
        spent: list[Outcome],
    ) -> Judgement:
        """The verdict of a judge, whose question and answer are a branch too."""
        name = check.model or self._cases.judge or ""
        judge = self._judges.get(name) or self._judges[""]
        branch = await self._free.take(f"judge-{self._stem(attempt)}")
        place = Location(self._run.session_id or "", branch)
        session = self._store.session(*place)
        prompt = Prompt(question(check.value, asked, answer), schema=SCHEMA)
        try:
            outcome = await running.ask(
                self._limited(judge), session, prompt, server=self._servers.get(name, name)
            )
            spent.append(outcome)
            if outcome.error is not None:
                raise TrialError(outcome.error)
        except BaseException as error:
            await self._drop(attempt._replace(source=None), place)
            if not isinstance(error, ConvoError):
                raise
            return Judgement(None, f"the judge gave no verdict: {said_of(error)}")
        finally:
            await session.close()
        return judgement_of(outcome.text)

    async def _note(self, result: EvalResult) -> None:
        await self._store.enter_eval_result(self._run.run, result)
        self.results.append(result)


def _result(attempt: Attempt, state: EvalState) -> EvalResult:
    return EvalResult(
        attempt.position,
        attempt.case.name,
        attempt.case.digest,
        attempt.choice,
        attempt.number,
        state,
    )


def _with_spent(result: EvalResult, outcomes: Sequence[Outcome], begun: float) -> EvalResult:
    spent = total(outcomes)
    seconds = spent.seconds or time.monotonic() - begun
    return result._replace(tokens=spent.tokens, cost=spent.cost, seconds=seconds)
