"""Row 19: hooks store what a run costs, without a call; whatever becomes of the run.

With the SDK's class nothing is stored unless `store_run_usage` is called with the run's result,
and a run that fails or is cancelled has none.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from agents import MaxTurnsExceeded, RunHooks
from agents.testing import ModelStep

from convo import ConversationStore, UsageHooks
from tests.core.addresses import rows, shown
from tests.core.better_than_sdk.openers import AnySession, OpenOurs, OpenTheirs
from tests.core.better_than_sdk.trouble import locked
from tests.core.better_than_sdk.working import (
    BOOK,
    HAND_OFF,
    LOOK_UP,
    Gate,
    agent,
    approved,
    calls,
    run,
    says,
    totals,
)
from tests.core.talk import turn

Hooks = RunHooks[Any] | None
Scenario = Callable[[AnySession, Hooks, bool], Awaitable[None]]

pytestmark = pytest.mark.usefixtures("consistent")


async def ended(session: AnySession, hooks: Hooks, streamed: bool) -> None:
    worker = agent(calls(LOOK_UP, 110), says("Nice.", 220))
    await run(worker, "Paris?", session, streamed=streamed, hooks=hooks)


async def resumed(session: AnySession, hooks: Hooks, streamed: bool) -> None:
    booker = agent(calls(BOOK, 110), says("Booked.", 220))
    paused = await run(booker, "Book Paris!", session, streamed=streamed, hooks=hooks)
    assert paused.interruptions
    await run(booker, approved(paused), session, streamed=streamed, hooks=hooks)


async def handed_off(session: AnySession, hooks: Hooks, streamed: bool) -> None:
    expert = agent(says("Done.", 220), name="expert")
    front = agent(calls(HAND_OFF, 110), handoffs=[expert])
    await run(front, "Help!", session, streamed=streamed, hooks=hooks)


async def failed(session: AnySession, hooks: Hooks, streamed: bool) -> None:
    """The network is gone at the third request."""
    gone = ModelStep.raise_error(OSError("gone"))
    worker = agent(calls(LOOK_UP, 110), calls(LOOK_UP, 220), gone)
    with pytest.raises(OSError, match="gone"):
        await run(worker, "Paris?", session, streamed=streamed, hooks=hooks)


async def ran_out_of_turns(session: AnySession, hooks: Hooks, streamed: bool) -> None:
    worker = agent(calls(LOOK_UP, 110), calls(LOOK_UP, 220), says("Nice.", 400))
    with pytest.raises(MaxTurnsExceeded):
        await run(worker, "Paris?", session, streamed=streamed, hooks=hooks, max_turns=2)


async def cancelled(session: AnySession, hooks: Hooks, streamed: bool) -> None:
    """While it waits for the third response."""
    stuck = Gate(says("Never.", 400))
    worker = agent(calls(LOOK_UP, 110), calls(LOOK_UP, 220), stuck.step)
    running = asyncio.create_task(run(worker, "Paris?", session, streamed=streamed, hooks=hooks))
    await asyncio.wait_for(stuck.reached.wait(), 10)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    stuck.open()


@pytest.mark.parametrize("streamed", [False, True], ids=["run", "streamed"])
@pytest.mark.parametrize(
    ("scenario", "status"),
    [
        (ended, "completed"),
        (resumed, "completed"),
        (handed_off, "completed"),
        (failed, "unfinished"),
        (ran_out_of_turns, "unfinished"),
        (cancelled, "unfinished"),
    ],
)
async def test_the_tokens_of_a_run_are_stored(
    theirs: OpenTheirs,
    ours: OpenOurs,
    path: Path,
    scenario: Scenario,
    status: str,
    streamed: bool,
) -> None:
    their_session = theirs()
    await scenario(their_session, None, streamed)
    assert await their_session.get_session_usage() is None

    session = ours()
    await scenario(session, UsageHooks(session), streamed)
    assert await totals(session) == {1: 330}
    runs = "SELECT user_turn_number, requests, total_tokens, status FROM convo_runs"
    assert rows(path, runs) == [(1, 2, 330, status)]
    async with ConversationStore(path) as store:
        assert (await store.usage("talk"))[0].tokens.total_tokens == 330


async def test_each_run_of_a_conversation_has_its_own_turn(
    theirs: OpenTheirs, ours: OpenOurs
) -> None:
    async def talk(session: AnySession, hooks: Hooks) -> dict[int, int]:
        worker = agent(
            says("One.", 100), calls(LOOK_UP, 110), says("Two.", 220), says("Three.", 50)
        )
        for question in ("1", "2", "3"):
            await run(worker, question, session, hooks=hooks)
        return await totals(session)

    assert await talk(theirs(), None) == {}
    session = ours()
    assert await talk(session, UsageHooks(session)) == {1: 100, 2: 330, 3: 50}


async def test_runs_at_once_with_the_same_hooks(theirs: OpenTheirs, ours: OpenOurs) -> None:
    async def ask_both(session: AnySession, hooks: Hooks) -> dict[int, int]:
        slow, fast = Gate(says("slow", 110)), Gate(says("fast", 1100))
        first = asyncio.create_task(run(agent(slow.step), "slow?", session, hooks=hooks))
        await asyncio.wait_for(slow.reached.wait(), 10)
        second = asyncio.create_task(run(agent(fast.step), "fast?", session, hooks=hooks))
        await asyncio.wait_for(fast.reached.wait(), 10)
        fast.open()
        await second
        slow.open()
        await first
        return await totals(session)

    assert await ask_both(theirs(), None) == {}
    session = ours()
    assert await ask_both(session, UsageHooks(session)) == {1: 110, 2: 1100}


async def test_calling_as_well_counts_nothing_twice(ours: OpenOurs) -> None:
    """With the SDK's class the call is the only way."""
    session = ours()
    worker = agent(calls(LOOK_UP, 110), says("Nice.", 220))
    result = await run(worker, "Paris?", session, hooks=UsageHooks(session))
    await session.store_run_usage(result)
    assert await totals(session) == {1: 330}


async def test_a_run_goes_on_where_its_usage_cannot_be_stored(
    ours: OpenOurs, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The tokens are spent, and the answer must not be lost as well. What could not be stored
    after one response is stored after the next.
    """

    class HeldUp(UsageHooks):
        """Finds the file held by another process whenever a response has come."""

        async def on_llm_end(self, *args: Any, **options: Any) -> None:
            with locked(path):
                await super().on_llm_end(*args, **options)

    session = ours(lock_timeout=0.05)
    await session.add_items(turn("before"))
    worker = agent(calls(LOOK_UP, 110), says("Nice.", 220))
    with caplog.at_level(logging.ERROR):
        result = await run(worker, "Paris?", session, hooks=HeldUp(session))
    assert result.final_output == "Nice."
    assert "the usage of a run in session 'talk' could not be stored" in caplog.text
    assert f"the database {shown(path)} is locked" in caplog.text
    assert await totals(session) == {2: 330}
