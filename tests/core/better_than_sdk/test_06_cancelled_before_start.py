"""Row 6: no operation waits for one that was cancelled before it began."""

import asyncio
from pathlib import Path

import pytest
from agents.extensions.memory import AdvancedSQLiteSession as TheirSession

from tests.core.addresses import open_session
from tests.core.better_than_sdk.openers import AnySession, OpenOurs, OpenTheirs
from tests.core.talk import texts, turn

pytestmark = pytest.mark.usefixtures("consistent")

PATIENCE = 0.3
"""Seconds that are given to what must not finish; what must finish gets a hundred times that."""


def leave_in_the_background(session: AnySession) -> None:
    """End an event loop, which cancels what is left, when a write has just been asked for."""

    async def main() -> None:
        asyncio.create_task(session.add_items(turn("background")))  # noqa: RUF006

    asyncio.run(main())


async def finishes(session: AnySession, seconds: float) -> bool:
    done, _ = await asyncio.wait(
        [asyncio.create_task(session.add_items(turn("b")))], timeout=seconds
    )
    return bool(done)


def test_a_write_that_the_end_of_a_loop_cancelled_blocks_nothing(
    their_path: Path, path: Path
) -> None:
    their_session = TheirSession(session_id="talk", db_path=their_path, create_tables=True)
    leave_in_the_background(their_session)
    assert not asyncio.run(finishes(their_session, PATIENCE))
    their_session.close()

    session = open_session(path, create_tables=True)
    leave_in_the_background(session)
    assert asyncio.run(finishes(session, 100 * PATIENCE))
    assert texts(asyncio.run(session.get_items()))[-2:] == ["b", "About b"]
    asyncio.run(session.close())


async def test_a_task_that_is_cancelled_before_its_first_step_blocks_nothing(
    theirs: OpenTheirs, ours: OpenOurs
) -> None:
    """As a task group does when a sibling fails: every task that is there is cancelled."""

    async def cancel_all(session: AnySession) -> None:
        known = asyncio.all_tasks()
        write = asyncio.create_task(session.add_items(turn("a")))
        # One step of the loop: the write has asked for its own task, which has not run yet.
        await asyncio.sleep(0)
        for task in asyncio.all_tasks() - known:
            task.cancel()
        await asyncio.wait([write], timeout=PATIENCE)

    their_session = theirs()
    await cancel_all(their_session)
    assert not await finishes(their_session, PATIENCE)
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()

    session = ours()
    await cancel_all(session)
    assert await finishes(session, 100 * PATIENCE)
    assert texts(await session.get_items())[-2:] == ["b", "About b"]
