"""Row 2: a turn costs what all its runs cost, and a resumed run counts once."""

import json
from pathlib import Path

import pytest
from agents import RunState

from tests.core.better_than_sdk.openers import AnySession, OpenOurs, OpenTheirs
from tests.core.better_than_sdk.working import (
    BOOK,
    BOOK_AGAIN,
    agent,
    approved,
    calls,
    run,
    says,
    totals,
)
from tests.core.talk import rows

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
