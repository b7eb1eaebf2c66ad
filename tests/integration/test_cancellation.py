"""Cancellation at every await point of every mutation."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from convo import AdvancedSQLiteSession, ConversationStore
from tests.core.talk import run, texts, turn, user
from tests.integration.folders import quick_database
from tests.integration.soundness import assert_sound

Mutation = Callable[[AdvancedSQLiteSession, ConversationStore], Awaitable[Any]]

MUTATIONS: dict[str, Mutation] = {
    "append": lambda session, _: session.add_items(turn("new")),
    "pop": lambda session, _: session.pop_item(),
    "clear": lambda session, _: session.clear_session(),
    "branch": lambda session, _: session.create_branch_from_turn(2, "new"),
    "branch by content": lambda session, _: session.create_branch_from_content("two", "new"),
    "switch": lambda session, _: session.switch_to_branch("side"),
    "delete": lambda session, _: session.delete_branch("side"),
    "usage": lambda session, _: session.store_usage(None, run(15)),  # type: ignore[arg-type]
    "read": lambda session, _: session.get_items(),
    "record": lambda _, store: store.record_turn("talk", "main", turn("new"), run(15)),
    "rename": lambda _, store: store.rename_session("other", "another"),
    "fork": lambda _, store: store.branch("talk", "main", turn=2, name="forked", expected="main"),
}


class CancelledAt:
    """Awaits a coroutine, and has its task cancelled when it waits for the n-th time."""

    def __init__(self, work: Awaitable[Any], step: int) -> None:
        self._work = work
        self._step = step
        self.steps = 0

    def __await__(self) -> Generator[Any, None, Any]:
        inner = self._work.__await__()
        task = asyncio.current_task()
        assert task is not None
        error: BaseException | None = None
        while True:
            try:
                waited_for = inner.send(None) if error is None else inner.throw(error)
            except StopIteration as done:
                return done.value
            self.steps += 1
            if self.steps == self._step:
                task.cancel()
            try:
                yield waited_for
                error = None
            except BaseException as raised:  # noqa: BLE001 - handed on to the coroutine
                error = raised


async def cancelled_at(mutation: Mutation, step: int, path: Path) -> bool:
    """Run a mutation that is cancelled at a step; say whether it came to that step."""
    async with ConversationStore(path, create=True) as store:
        await store.start_session("other")
        await store.start_session("talk")
        for question in ("one", "two"):
            await store.record_turn("talk", "main", turn(question), run(15))
        session = AdvancedSQLiteSession(session_id="talk", db_path=path)
        await session.create_branch_from_turn(2, "side")
        await session.add_items(turn("aside"))
        await session.switch_to_branch("main")

        work = CancelledAt(mutation(session, store), step)
        task = asyncio.ensure_future(_awaited(work))
        try:
            await asyncio.wait_for(asyncio.shield(task), 20)
        except asyncio.CancelledError:
            assert task.cancelled()
        await still_sound(session, store)
        return work.steps >= step


async def _awaited(work: CancelledAt) -> Any:
    return await work


async def still_sound(session: AdvancedSQLiteSession, store: ConversationStore) -> None:
    """The file is consistent, and the session knows where it is and goes on."""
    assert await store.check() == []
    branches = await session.list_branches()
    assert [row["is_current"] for row in branches].count(True) == 1
    before = len(await session.get_items())
    await session.add_items([user("going on")])
    assert len(await session.get_items()) == before + 1
    await session.close()


@pytest.mark.parametrize("name", MUTATIONS)
async def test_a_cancelled_mutation_is_whole_or_not_there(name: str) -> None:
    for step in range(1, 50):
        with quick_database() as path:
            if not await cancelled_at(MUTATIONS[name], step, path):
                break
    else:
        pytest.fail("the mutation never ended")
    assert step > 1


async def test_a_cancelled_caller_is_cancelled_again_and_again(path: Path) -> None:
    """However often: it waits for its own transaction, and for no other."""
    async with AdvancedSQLiteSession(
        session_id="talk", db_path=path, create_tables=True
    ) as session:
        task = asyncio.create_task(session.add_items(turn("a")))
        while not task.done():
            task.cancel()
            await asyncio.sleep(0)
        assert task.cancelled()
        await session.add_items(turn("b"))
    await assert_sound(path)


async def test_many_that_are_cancelled_at_any_moment(path: Path) -> None:
    """Whoever was not cancelled is there; whoever was is there as a whole or not at all."""
    chance = random.Random(6)
    async with AdvancedSQLiteSession(
        session_id="talk", db_path=path, create_tables=True
    ) as session:
        tasks = [asyncio.create_task(session.add_items(turn(f"{n}"))) for n in range(300)]
        for task in chance.sample(tasks, 150):
            if chance.random() < 0.5:
                await asyncio.sleep(0)
            task.cancel()
        await asyncio.wait(tasks)
        said = texts(await session.get_items())
        assert said[1::2] == [f"About {question}" for question in said[::2]]
        assert len(set(said)) == len(said)
        stored = {n for n, task in enumerate(tasks) if not task.cancelled()}
        assert stored <= {int(question) for question in said[::2]}
        assert 0 < len(stored) < len(tasks)
    await assert_sound(path)
