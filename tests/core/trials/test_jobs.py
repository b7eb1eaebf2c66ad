"""Several jobs at once: each ends for itself, and all wait for a server that wants it."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from convo import Outcome
from convo.trials.asking import Prompt
from convo.trials.gates import Gate, Gates
from convo.trials.jobs import Job, Report, Running, run_jobs
from convo.trials.limits import TRIES, wait_of, wanted_wait


class LimitedError(Exception):
    """As those of OpenAI's library, it has the response of the server."""

    def __init__(self, **headers: str) -> None:
        self.response = Response(429, headers)


class Response:
    def __init__(self, status_code: int, headers: Mapping[str, str]) -> None:
        self.status_code, self.headers = status_code, headers


def asking(asker: Any, times: int = 1) -> Any:
    async def work(running: Running) -> list[str]:
        return [(await running.ask(asker, None, Prompt("hi"))).text for _ in range(times)]  # type: ignore[arg-type]

    return work


async def test_a_job_that_fails_stops_no_other() -> None:
    async def bad(session: Any, prompt: Prompt) -> str:
        raise ValueError("no")

    async def good(session: Any, prompt: Prompt) -> str:
        return prompt.text

    reports: list[Report] = []
    jobs = [Job("bad", asking(bad)), Job("good", asking(good, 2), total=2)]
    ended = await run_jobs(jobs, at_once=1, on_report=reports.append)
    assert str(ended[0].error) == "no"
    assert ended[1].value == ["hi", "hi"]
    assert [(one.name, one.state, one.done) for one in reports] == [
        ("bad", "started", 0),
        ("bad", "failed", 0),
        ("good", "started", 0),
        ("good", "answered", 1),
        ("good", "answered", 2),
        ("good", "ended", 2),
    ]
    assert reports[1].error == "ValueError: no"


async def test_at_most_so_many_run_at_once_in_their_order() -> None:
    running: list[int] = []
    most = 0

    async def work(job: Running) -> None:
        nonlocal most
        running.append(1)
        most = max(most, len(running))
        await asyncio.sleep(0)
        running.pop()

    await run_jobs([Job(str(number), work) for number in range(9)], at_once=3)
    assert most == 3
    with pytest.raises(ValueError, match="at least 1"):
        await run_jobs([], at_once=0)


async def test_a_limited_prompt_is_asked_again_and_the_others_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    slept: list[float] = []
    now = 0.0
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(round(seconds, 3))
        end = now + seconds
        # Everybody else does what can be done in the meantime.
        for _ in range(10):
            await real(0)
        now = max(now, end)
        asked.append("waited")

    monkeypatch.setattr("convo.trials.gates.asyncio.sleep", sleep)
    monkeypatch.setattr("convo.trials.gates._now", lambda: now)

    async def limited(session: Any, prompt: Prompt) -> str:
        asked.append("limited")
        if len(asked) == 1:
            raise LimitedError(**{"retry-after": "7"})
        return "done"

    async def same(session: Any, prompt: Prompt) -> str:
        asked.append("same")
        return "done"

    async def elsewhere(session: Any, prompt: Prompt) -> str:
        asked.append("elsewhere")
        return "done"

    reports: list[Report] = []
    jobs = [
        Job("limited", asking(limited), server="a"),
        Job("same", asking(same), server="a"),
        Job("elsewhere", asking(elsewhere), server="b"),
    ]
    ended = await run_jobs(jobs, at_once=3, on_report=reports.append)
    assert [one.value for one in ended] == [["done"]] * 3
    assert asked[:3] == ["limited", "elsewhere", "waited"]
    assert sorted(set(asked[3:])) == ["limited", "same", "waited"]
    assert slept[0] == 7.0
    assert sum(slept[1:]) < 1.0
    waiting = {(one.name, one.wait) for one in reports if one.state == "waiting"}
    assert waiting == {("limited", 7.0), ("same", 7.0)}


async def test_a_model_that_stays_limited_keeps_no_other_waiting() -> None:
    limited_twice, answered = asyncio.Event(), asyncio.Event()
    waits = iter(["20", "600000"])

    async def limited(session: Any, prompt: Prompt) -> str:
        raise LimitedError(**{"retry-after-ms": next(waits)})

    async def other(session: Any, prompt: Prompt) -> str:
        answered.set()
        return "done"

    async def later(running: Running) -> None:
        await limited_twice.wait()
        await running.ask(other, None, Prompt("hi"))  # type: ignore[arg-type]

    told: list[tuple[str, float]] = []

    def note(report: Report) -> None:
        if report.state == "waiting":
            told.append((report.name, report.wait))
        if report.wait == 600.0:
            limited_twice.set()

    jobs = [
        Job("limited", asking(limited), server="a", model="limited"),
        Job("later", later, server="a", model="other"),
    ]
    running = asyncio.create_task(run_jobs(jobs, on_report=note))
    await answered.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert told == [("limited", 0.02), ("limited", 600.0)]


async def test_those_who_have_waited_ask_one_after_the_other() -> None:
    gate = Gate()
    gate.close(0.02)
    passed: list[int] = []

    async def one(number: int) -> None:
        await gate.wait()
        passed.append(number)
        if number == 2:
            # It is limited again: those who have not asked yet wait with it.
            gate.close(600.0)

    waiting = [asyncio.create_task(one(number)) for number in range(6)]
    await asyncio.wait(waiting[:3])
    await asyncio.sleep(0.01)
    assert passed == [0, 1, 2]
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    gate = Gate()
    gate.close(0.02)
    await asyncio.gather(*(gate.wait() for _ in range(6)))
    assert gate.left == 0.0


async def test_a_limit_without_end_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convo.trials.gates.Gate.close", lambda gate, seconds: False)
    asked = 0

    async def limited(session: Any, prompt: Prompt) -> str:
        nonlocal asked
        asked += 1
        raise ValueError("too many") from LimitedError()

    (ended,) = await run_jobs([Job("limited", asking(limited))])
    assert asked == TRIES
    assert str(ended.error) == "too many"


async def test_a_gate_that_is_closed_longer_stays_closed() -> None:
    told: list[tuple[str, str, float]] = []
    gates = Gates(lambda *one: told.append(one))
    gates.close("a", "m", 0.02, tries=0)
    gates.close("a", "m", 0.01, tries=0)
    await gates.wait("a", "m")
    assert told == [("a", "", 0.02)]


async def test_cancelling_ends_each_job_before_it_returns() -> None:
    begun = asyncio.Event()
    kept: list[str] = []
    reports: list[Report] = []

    async def work(running: Running) -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            kept.append("whole")

    jobs = [Job(name, work) for name in "abc"]
    task = asyncio.create_task(run_jobs(jobs, at_once=2, on_report=reports.append))
    await begun.wait()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert kept == ["whole", "whole"]
    assert [one.name for one in reports if one.state == "stopped"] == ["a", "b"]


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after-ms": "1500", "retry-after": "3"}, 1.5),
        ({"retry-after": "-1"}, 0.0),
        ({"retry-after": "90000"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, 4.0),
        ({}, 4.0),
    ],
)
def test_the_wait_that_a_server_wants(headers: Mapping[str, str], wait: float | None) -> None:
    assert wait_of(headers, 2) == wait


def test_other_errors_are_no_limits() -> None:
    assert wanted_wait(ValueError(), 0) is None
    error = LimitedError()
    error.response = Response(500, {})
    assert wanted_wait(error, 0) is None


def test_an_outcome_with_an_error_counts_as_none() -> None:
    reports: list[Report] = []
    running = Running(0, Job("a", asking(None)), Gates(), reports.append)
    running.note(Outcome(error="no"))
    running.note(Outcome("yes"))
    assert [one.done for one in reports] == [0, 1]
