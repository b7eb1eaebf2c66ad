"""Usage of real runs of the SDK: with hooks, by hand, and both."""

import asyncio
from typing import Any

import pytest
from agents import Agent, MaxTurnsExceeded, Runner, RunState, Usage, function_tool
from agents.testing import ModelStep, ScriptedModel, assistant_message, function_call

from convo import UsageHooks
from tests.core.addresses import Address, Session, open_session, rows
from tests.core.talk import turn


def usage(total: int) -> Usage:
    return Usage(requests=1, input_tokens=total - 5, output_tokens=5, total_tokens=total)


def step(output: Any, total: int) -> ModelStep:
    return ModelStep(output=[output], usage=usage(total))


@function_tool
def look_up(city: str) -> str:
    """Say something about a city."""
    return f"{city} is nice"


@function_tool(needs_approval=True)
def book(city: str) -> str:
    """Book a trip."""
    return f"booked {city}"


def agent(*steps: ModelStep, tools: list[Any] | None = None) -> Agent:
    return Agent(name="Assistant", model=ScriptedModel(list(steps)), tools=tools or [])


CALL = function_call("look_up", {"city": "Paris"}, call_id="c1")


async def ledger(path: Address, session: Session) -> list[tuple[Any, ...]]:
    await session.get_items()
    return rows(
        path,
        "SELECT user_turn_number, requests, total_tokens, status FROM convo_runs ORDER BY id",
    )


async def test_hooks_store_what_a_run_costs(session: Session, answered: Any, path: Address) -> None:
    await session.add_items(turn("before"))
    talker = agent(step(CALL, 110), step(assistant_message("Nice."), 220), tools=[look_up])
    await answered(talker, "Paris?", session=session, hooks=UsageHooks(session))
    assert await ledger(path, session) == [(2, 2, 330, "completed")]
    assert (await session.get_turn_usage(2))["total_tokens"] == 330
    assert await session.get_turn_usage(1) == {}


async def test_hooks_and_the_call_count_once(
    session: Session, answered: Any, path: Address
) -> None:
    talker = agent(step(assistant_message("Hi."), 110))
    result = await answered(talker, "Hello", session=session, hooks=UsageHooks(session))
    await session.store_run_usage(result)
    await session.store_run_usage(result)
    assert await ledger(path, session) == [(1, 1, 110, "completed")]


async def test_a_run_that_fails_keeps_what_it_cost(
    session: Session, answered: Any, path: Address
) -> None:
    failing = agent(step(CALL, 110), ModelStep.raise_error(OSError("gone")), tools=[look_up])
    with pytest.raises(OSError, match="gone"):
        await answered(failing, "Paris?", session=session, hooks=UsageHooks(session))
    assert await ledger(path, session) == [(1, 1, 110, "unfinished")]


async def test_the_data_of_a_failed_run_can_be_stored(
    session: Session, answered: Any, path: Address
) -> None:
    looping = agent(step(CALL, 110), step(CALL, 220), tools=[look_up])
    with pytest.raises(MaxTurnsExceeded) as raised:
        await answered(looping, "Paris?", session=session, max_turns=1)
    assert raised.value.run_data is not None
    await session.store_run_usage(raised.value.run_data)
    assert await ledger(path, session) == [(1, 1, 110, "failed")]


async def test_a_cancelled_run_keeps_what_it_cost(session: Session, path: Address) -> None:
    asked = asyncio.Event()

    async def never(_: Any) -> ModelStep:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    stuck = agent(step(CALL, 110), ModelStep.respond(never), tools=[look_up])
    run = asyncio.create_task(
        Runner.run(stuck, "Paris?", session=session, hooks=UsageHooks(session))
    )
    await asyncio.wait_for(asked.wait(), 10)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert await ledger(path, session) == [(1, 1, 110, "unfinished")]


async def test_a_run_that_is_handed_off_is_one_run(
    session: Session, answered: Any, path: Address
) -> None:
    expert = Agent(name="Expert", model=ScriptedModel([step(assistant_message("Done."), 220)]))
    front = Agent(
        name="Front",
        handoffs=[expert],
        model=ScriptedModel([step(function_call("transfer_to_expert", {}, call_id="h"), 110)]),
    )
    await answered(front, "Help", session=session, hooks=UsageHooks(session))
    assert await ledger(path, session) == [(1, 2, 330, "completed")]


@pytest.mark.parametrize("hooked", [True, False])
@pytest.mark.parametrize("elsewhere", [True, False])
async def test_a_run_resumed_after_an_approval_counts_once(
    session: Session, hooked: bool, elsewhere: bool, path: Address
) -> None:
    booking = function_call("book", {"city": "Paris"}, call_id="b1")
    booker = agent(step(booking, 110), step(assistant_message("Booked."), 220), tools=[book])
    hooks = UsageHooks(session) if hooked else None
    paused = await Runner.run(booker, "Book Paris", session=session, hooks=hooks)
    await session.store_run_usage(paused)
    assert await ledger(path, session) == [(1, 1, 110, "interrupted")]

    state = paused.to_state()
    if elsewhere:
        # As another process would go on: from the state as text, with a session of its own.
        state = await RunState.from_json(booker, state.to_json())
        session = open_session(path)
        hooks = UsageHooks(session) if hooked else None
    for item in state.get_interruptions():
        state.approve(item)
    done = await Runner.run(booker, state, session=session, hooks=hooks)
    if not hooked:
        await session.store_run_usage(done)
    assert await ledger(path, session) == [(1, 2, 330, "completed")]
    assert (await session.get_turn_usage(1))["total_tokens"] == 330
    if elsewhere:
        await session.close()
