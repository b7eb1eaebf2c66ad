"""Row 2: a turn costs what all its runs cost, and a resumed run counts once."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from agents import MaxTurnsExceeded, Runner, RunState

from tests.core.addresses import rows
from tests.core.better_than_sdk.openers import AnySession, OpenOurs, OpenTheirs
from tests.core.better_than_sdk.working import (
    BOOK,
    BOOK_AGAIN,
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

pytestmark = pytest.mark.usefixtures("consistent")

streamed_or_not = pytest.mark.parametrize("streamed", [False, True], ids=["run", "streamed"])


@streamed_or_not
async def test_a_second_run_in_a_turn_is_added(
    theirs: OpenTheirs, ours: OpenOurs, streamed: bool
) -> None:
    async def write_and_shorten(session: AnySession) -> dict[int, int]:
        writer = agent(says("A draft.", 110), says("A shorter one.", 220))
        for question in ("Write!", [{"role": "developer", "content": "Make it shorter."}]):
            result = await run(writer, question, session, streamed=streamed)
            await session.store_run_usage(result)
        return await totals(session)

    assert await write_and_shorten(theirs()) == {1: 220}
    session = ours()
    assert await write_and_shorten(session) == {1: 330}
    usage = await session.get_turn_usage(1)
    assert (usage["requests"], usage["input_tokens"], usage["output_tokens"]) == (2, 320, 10)


@streamed_or_not
@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "elsewhere"])
async def test_a_run_resumed_after_an_approval_counts_once(
    theirs: OpenTheirs, ours: OpenOurs, streamed: bool, elsewhere: bool
) -> None:
    """The SDK gets this right, by replacing: it is adding that would make 440 of these 330.

    `elsewhere` goes on as another process would: from the state as text, with a new session.
    """
    for opened in (theirs, ours):
        session = opened()
        booker = agent(calls(BOOK, 110), says("Booked.", 220))
        paused = await run(booker, "Book Paris!", session, streamed=streamed)
        await session.store_run_usage(paused)
        assert await totals(session) == {1: 110}

        state = approved(paused)
        if elsewhere:
            state = await RunState.from_json(booker, json.loads(json.dumps(state.to_json())))
            session = opened()
        done = await run(booker, state, session, streamed=streamed)
        assert done.final_output == "Booked."
        await session.store_run_usage(done)
        assert await totals(session) == {1: 330}


async def test_runs_before_and_after_a_resumed_one_are_counted_with_it(
    theirs: OpenTheirs, ours: OpenOurs
) -> None:
    async def work(session: AnySession) -> dict[int, int]:
        worker = agent(
            says("Where to?", 100),
            calls(BOOK, 110),
            calls(BOOK_AGAIN, 220),
            says("Booked both.", 330),
            says("Anything else?", 400),
        )
        await session.store_run_usage(await run(worker, "Help me.", session))
        result = await run(worker, [{"role": "developer", "content": "Book!"}], session)
        await session.store_run_usage(result)
        while result.interruptions:
            result = await run(worker, approved(result), session)
            await session.store_run_usage(result)
        result = await run(worker, [{"role": "developer", "content": "Go on."}], session)
        await session.store_run_usage(result)
        return await totals(session)

    assert await work(theirs()) == {1: 400}
    assert await work(ours()) == {1: 100 + 110 + 220 + 330 + 400}


async def hand_off(session: AnySession) -> Any:
    expert = agent(says("Done.", 220), name="expert")
    return await run(agent(calls(HAND_OFF, 110), handoffs=[expert]), "Help!", session)


async def run_out_of_turns(session: AnySession) -> Any:
    worker = agent(calls(LOOK_UP, 110), calls(LOOK_UP, 220), says("Nice.", 400))
    with pytest.raises(MaxTurnsExceeded) as raised:
        await run(worker, "Paris?", session, max_turns=2)
    return raised.value.run_data


async def stop_after_two_requests(session: AnySession) -> Any:
    second = Gate(calls(LOOK_UP, 220))
    worker = agent(calls(LOOK_UP, 110), second.step, says("Nice.", 400))
    result = Runner.run_streamed(worker, "Paris?", session=session)
    await asyncio.wait_for(second.reached.wait(), 10)
    result.cancel(mode="after_turn")
    second.open()
    async for _ in result.stream_events():
        pass
    return result


@pytest.mark.parametrize("end", [hand_off, run_out_of_turns, stop_after_two_requests])
async def test_however_a_run_ends_its_usage_is_added_to_that_of_its_turn(
    theirs: OpenTheirs, ours: OpenOurs, end: Callable[[AnySession], Awaitable[Any]]
) -> None:
    """Stored by hand: the result, or what the exception has of it, and then that of another run."""

    async def end_and_go_on(session: AnySession) -> list[dict[int, int]]:
        await session.store_run_usage(await end(session))
        stored = [await totals(session)]
        going_on = [{"role": "developer", "content": "Go on."}]
        await session.store_run_usage(await run(agent(says("Well.", 50)), going_on, session))
        return [*stored, await totals(session)]

    assert await end_and_go_on(theirs()) == [{1: 330}, {1: 50}]
    assert await end_and_go_on(ours()) == [{1: 330}, {1: 380}]


async def test_the_entries_of_each_run_are_kept(ours: OpenOurs, path: Path) -> None:
    """In a table of convo's own; the SDK keeps none, so there is nothing to compare."""
    session = ours()
    booker = agent(calls(BOOK, 110), says("Booked.", 220), says("Bye.", 50))
    paused = await run(booker, "Book Paris!", session)
    await session.store_run_usage(paused)
    await session.store_run_usage(await run(booker, approved(paused), session))
    bye = await run(booker, [{"role": "developer", "content": "Say bye."}], session)
    await session.store_run_usage(bye)

    stored = rows(path, "SELECT request_entries FROM convo_runs ORDER BY id")
    entries = [[entry["total_tokens"] for entry in json.loads(text)] for (text,) in stored]
    assert entries == [[110, 220], [50]]
