"""Runs jobs, each of which asks prompts one after another, several jobs at once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, NamedTuple, TypeVar

from convo.errors import ConvoError
from convo.trials.asking import Asker, Outcome, Prompt, asked
from convo.trials.gates import GATES, Gates
from convo.trials.limits import TRIES, wanted_wait

if TYPE_CHECKING:
    from convo.sdk import AdvancedSession

T = TypeVar("T")

State = Literal["started", "answered", "waiting", "ended", "failed", "stopped"]


class Report(NamedTuple):
    """What has just happened to a job: `done` of its `total` prompts are answered.

    A job is `waiting` while its server limits the rate, for about `wait` seconds. `outcome` is that
    of the prompt that was answered, and `error` says why the job failed.
    """

    job: int
    name: str
    state: State
    done: int
    total: int
    outcome: Outcome | None = None
    wait: float = 0.0
    error: str | None = None


OnReport = Callable[[Report], None]


class Running:
    """A running job, as its work sees it."""

    def __init__(self, number: int, job: "Job[T]", gates: Gates, on_report: OnReport) -> None:
        self._number = number
        self._name = job.name
        self.server = job.server
        self._model = job.model
        self.total = job.total
        self.done = job.done
        self._gates = gates
        self._on_report = on_report

    async def ask(
        self,
        asker: Asker,
        session: "AdvancedSession",
        prompt: Prompt,
        *,
        server: str | None = None,
    ) -> Outcome:
        """Ask a prompt, and report what came of it.

        While the server of the job limits the rate, no job asks it, and the prompt is asked again.
        A prompt for another `server` is not one of the job's own, and is not reported. Raises what
        the asker raises.
        """
        asked_there = (self.server, self._model) if server is None else (server, "")
        if left := self._gates.left(*asked_there):
            self.report("waiting", wait=left)
        for tries in range(TRIES):
            await self._gates.wait(*asked_there)
            try:
                outcome = await asked(asker, session, prompt)
            except Exception as error:
                wait = wanted_wait(error, tries)
                if wait is None or tries == TRIES - 1:
                    raise
                self._gates.close(*asked_there, wait, tries=tries)
            else:
                if server is None:
                    self.note(outcome)
                return outcome
        raise AssertionError("the last try either ends well or raises")

    def note(self, outcome: Outcome) -> None:
        """Report that a prompt of the job has been answered."""
        self.done += outcome.error is None
        self.report("answered", outcome)

    def report(
        self,
        state: State,
        outcome: Outcome | None = None,
        *,
        wait: float = 0.0,
        error: str | None = None,
    ) -> None:
        """Report that the job is in this state."""
        where = (self._number, self._name, state, self.done, self.total)
        self._on_report(Report(*where, outcome, wait, error))


@dataclass(frozen=True)
class Job(Generic[T]):
    """Work to be run, which asks `total` prompts, of which some may be `done` already.

    Jobs with the same `server` wait together if it limits the rate, and those with the same `model`
    if it goes on to do so.
    """

    name: str
    work: Callable[[Running], Awaitable[T]]
    total: int = 1
    done: int = 0
    server: str = ""
    model: str = ""


@dataclass(frozen=True)
class Ended(Generic[T]):
    """What a job returned, or the error that it raised."""

    value: T | None = None
    error: Exception | None = None


_RUNNING: ContextVar[Running | None] = ContextVar("convo_running", default=None)
"""The job that runs here."""


async def run_jobs(
    jobs: Sequence[Job[T]], *, at_once: int = 4, on_report: OnReport = lambda report: None
) -> list[Ended[T]]:
    """Run jobs, at most so many `at_once` and in their order; one that fails stops no other.

    If this is cancelled, all running jobs are, and CancelledError is raised once each has ended
    what it cannot leave half done.
    """
    if at_once < 1:
        raise ValueError(f"at_once is at least 1, not {at_once}")
    found: list[Ended[T]] = [Ended() for _ in jobs]
    active: dict[int, Running] = {}

    def told(server: str, model: str, seconds: float) -> None:
        limited = _RUNNING.get()
        for running in active.values():
            is_there = not model and (running.server == server or not running.server)
            if is_there or running is limited:
                running.report("waiting", wait=seconds)

    waiting = iter(enumerate(jobs))
    gates = Gates(told)

    async def work_on() -> None:
        # All workers take from one iterator.
        for number, job in waiting:
            running = active[number] = Running(number, job, gates, on_report)
            _RUNNING.set(running)
            try:
                found[number] = await _ran(job, running)
            finally:
                del active[number]

    before = GATES.set(gates)
    try:
        workers = [asyncio.create_task(work_on()) for _ in range(min(at_once, len(jobs)))]
    finally:
        GATES.reset(before)
    await _all_ended(workers)
    return found


async def _ran(job: Job[T], running: Running) -> Ended[T]:
    running.report("started")
    try:
        value = await job.work(running)
    except asyncio.CancelledError:
        running.report("stopped")
        raise
    except Exception as error:  # noqa: BLE001  a job that fails must not stop the others
        running.report("failed", error=said_of(error))
        return Ended(error=error)
    running.report("ended")
    return Ended(value)


async def _all_ended(workers: list["asyncio.Task[None]"]) -> None:
    """Wait for all workers; if this is cancelled or one fails, cancel each once, and wait again.

    `gather` would be over with the first that is cancelled, and the others would be cancelled once
    more while they clean up.
    """
    if not workers:
        return
    try:
        done, _ = await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    for worker in done:
        worker.result()


def said_of(error: BaseException) -> str:
    """What an error says in one line: its message, and its kind if it is not one of convo's."""
    message = " ".join(str(error).split())
    if isinstance(error, ConvoError):
        return message
    kind = type(error).__name__
    return f"{kind}: {message}" if message else kind
