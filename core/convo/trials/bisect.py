"""Finds the first turn of a branch whose answer fails a check."""

from collections.abc import Awaitable, Callable
from functools import partial
from inspect import isawaitable
from typing import Literal, NamedTuple

from convo.errors import CheckError, ModelError, TurnNotFoundError
from convo.history.transcript import TranscriptTurn
from convo.records import MAIN, Location
from convo.store import ConversationStore
from convo.trials.asking import Asker, Outcome, Prompt
from convo.trials.branches import drop_unanswered, made_earlier, whole
from convo.trials.commands import TIMEOUT, Ran, run_command
from convo.trials.jobs import Job, OnReport, Running, run_jobs, said_of
from convo.trials.replay import prompt_of, prompts
from convo.trials.searching import Bisected, Checked, Search, State

STEM = "bisect"

Check = str | Callable[[str], bool | Awaitable[bool]]
"""A command of the shell, or a function that returns whether an answer is good."""

OnError = Literal["stop", "skip", "bad"]
"""What becomes of a rerun in which the model fails."""

_SKIP = 125
_NOT_RUN = frozenset({126, 127})
_SIGNALLED = 128


async def bisect(
    store: ConversationStore,
    session_id: str,
    check: Check,
    *,
    branch_id: str = MAIN,
    first: int | None = None,
    last: int | None = None,
    asker: Asker | None = None,
    every: bool = False,
    limit: float = TIMEOUT,
    on_error: OnError = "stop",
    on_checked: Callable[[Checked], None] = lambda checked: None,
    on_report: OnReport = lambda report: None,
) -> Bisected:
    """Find the first turn whose answer fails a check, or with `asker` whose rerun does.

    Args:
        store: The database.
        session_id: The session.
        check: A command of the shell that gets the answer on stdin, with CONVO_SESSION,
            CONVO_BRANCH and CONVO_TURN in its environment, and ends as for `git bisect run`: 0 if
            the answer is good, 125 if it cannot be judged, anything else up to 124 if it is bad.
            Or a function of the answer.
        branch_id: The branch.
        first: The first turn to look at, -1 for the last.
        last: The last turn to look at.
        asker: Asks the prompt of a turn again, on a branch `bisect-N` made from the turn before,
            and that answer is checked instead of the recorded one. The first turn is then only
            asked again if the search comes to it.
        every: Check every turn, which assumes nothing.
        limit: The seconds that the command may take for an answer.
        on_error: What becomes of a turn whose rerun has no answer because the model failed: the
            search stops, the turn is skipped, or it is bad.
        on_checked: Called after each check.
        on_report: Called with what happens to the reruns.

    Returns:
        The first bad turn, if one was found, and what came of every check.

    Raises:
        NotFoundError: The session, the branch or a turn is missing, or there is no turn to check.
        CheckError: The command cannot be run, ends by a signal, or takes too long.
        ModelError: The model failed, and the search stops by `on_error`. Other errors of the asker
            are raised as they are.
    """
    turns = await turns_between(store, session_id, branch_id, first, last)
    work = _Work(store, session_id, branch_id, check, asker, limit, on_error, on_checked, on_report)
    search = Search(turns, work.check)
    if every:
        await search.check_all()
    else:
        await search.find(checks_first=asker is None)
    return search.result()


async def turns_between(
    store: ConversationStore,
    session_id: str,
    branch_id: str,
    first: int | None,
    last: int | None,
) -> list[int]:
    """The numbers of the turns from one to another. Raises `TurnNotFoundError`."""
    count = await store.last_turn(session_id, branch_id)
    if not count:
        raise TurnNotFoundError(f"branch '{branch_id}' has no turns yet")
    start = 1 if first is None else await store.turn_numbered(session_id, branch_id, first)
    end = count if last is None else await store.turn_numbered(session_id, branch_id, last)
    if start > end:
        raise TurnNotFoundError(f"there is no turn from {start} to {end}")
    return list(range(start, end + 1))


class _Work(NamedTuple):
    """Checks the answer of a turn, asked again if there is an asker."""

    store: ConversationStore
    session_id: str
    branch_id: str
    command: Check
    asker: Asker | None
    limit: float
    on_error: OnError
    on_checked: Callable[[Checked], None]
    on_report: OnReport

    async def check(self, turn: int) -> Checked:
        """Check a turn."""
        if self.asker is None:
            found = await self._read(turn)
            answer = None if found is None else prompt_of(found).answer
            checked = await self._judged(turn, answer, self.branch_id)
        else:
            checked = await self._rerun(turn, self.asker)
        self.on_checked(checked)
        return checked

    async def _read(self, turn: int) -> TranscriptTurn | None:
        found = await self.store.whole_turns(self.session_id, self.branch_id, turn, turn)
        return next(iter(found), None)

    async def _rerun(self, turn: int, asker: Asker) -> Checked:
        before = await self.store.whole_turns(self.session_id, self.branch_id, None, turn)
        prompt = next(prompts(before, turn), None)
        if prompt is None:
            return Checked(turn, "skipped")
        stem = f"{STEM}-{turn}"
        await self._drop_earlier(turn, stem, prompt)
        branch_id = await self.store.branch(
            self.session_id, self.branch_id, turn=turn, stem=stem, expected=None
        )
        ask = partial(self._ask, branch_id, asker, prompt)
        try:
            outcome = await self._outcome(turn, Job(branch_id, ask))
        except ModelError as error:
            if self.on_error == "stop":
                raise
            outcome = Outcome(error=said_of(error))
        finally:
            is_gone = await drop_unanswered(self.store, Location(self.session_id, branch_id), turn)
        if outcome.error is not None:
            state: State = "bad" if self.on_error == "bad" else "skipped"
            return Checked(
                turn, state, output=outcome.error, branch_id=None if is_gone else branch_id
            )
        checked = await self._judged(turn, outcome.text, branch_id)
        return checked._replace(outcome=outcome, branch_id=branch_id)

    async def _drop_earlier(self, turn: int, stem: str, prompt: Prompt) -> None:
        """Drop the branches of earlier searches that were killed before this turn was answered."""
        origin = Location(self.session_id, self.branch_id)
        for branch_id in await made_earlier(self.store, origin, turn, stem):
            place = Location(self.session_id, branch_id)
            waits = await self.store.failed_turn(*place)
            is_ours = waits is None or waits.asked.items[0].get("content") == prompt.content
            if is_ours and await self.store.last_turn(*place) < turn:
                await drop_unanswered(self.store, place, turn)

    async def _outcome(self, turn: int, job: Job[Outcome]) -> Outcome:
        """What came of a rerun. Raises `ModelError` if it has no answer."""
        (ended,) = await run_jobs([job], on_report=self.on_report)
        if ended.error is not None:
            raise ended.error
        outcome = ended.value
        assert outcome is not None
        if outcome.error is not None:
            raise ModelError(f"turn {turn} could not be asked again: {outcome.error}")
        return outcome

    async def _ask(self, branch_id: str, asker: Asker, prompt: Prompt, running: Running) -> Outcome:
        session = self.store.session(self.session_id, branch_id)
        try:
            return await running.ask(whole(self.store, asker), session, prompt)
        finally:
            await session.close()

    async def _judged(self, turn: int, answer: str | None, branch_id: str) -> Checked:
        """Whether an answer passes; a turn without one is skipped."""
        if answer is None:
            return Checked(turn, "skipped")
        if not isinstance(self.command, str):
            is_good = self.command(answer)
            if isawaitable(is_good):
                is_good = await is_good
            return Checked(turn, "good" if is_good else "bad")
        environ = {
            "CONVO_SESSION": self.session_id,
            "CONVO_BRANCH": branch_id,
            "CONVO_TURN": str(turn),
        }
        ran = await run_command(self.command, answer, environ=environ, limit=self.limit)
        return Checked(turn, state_of(ran, turn, self.limit), ran.code, ran.output, ran.seconds)


def state_of(ran: Ran, turn: int, limit: float) -> State:
    """What the exit code of a check says. Raises `CheckError` if it says nothing."""
    if ran.code is None:
        raise CheckError(f"the check of turn {turn} took longer than {limit:g} seconds")
    if ran.code in _NOT_RUN:
        raise CheckError(f"the check cannot be run: it ended with {ran.code}{_said(ran)}")
    if ran.code >= _SIGNALLED:
        raise CheckError(f"the check of turn {turn} broke off with {ran.code}{_said(ran)}")
    return "good" if ran.is_good else "skipped" if ran.code == _SKIP else "bad"


def _said(ran: Ran) -> str:
    lines = ran.output.strip().splitlines()
    return f" ({lines[-1]})" if lines else ""
