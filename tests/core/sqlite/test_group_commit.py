import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from convo import AdvancedSQLiteSession
from convo.errors import (
    BranchDeletedError,
    DatabaseFullError,
    DatabaseLockedError,
    DatabaseUnavailableError,
)
from convo.history import items as history
from convo.items.encoding import encoded
from convo.records import MAIN
from convo.sqlite import group_commit
from convo.storage.transaction import Transaction
from tests.core.addresses import rows
from tests.core.sqlite.test_connection import run
from tests.core.sqlite.test_storage import locked
from tests.core.talk import texts, turn, user

CROWD = 40


class Crowd:
    """Sessions of one file whose writes can be made to wait for each other."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sessions = [self.opened(f"talk {number:02}") for number in range(CROWD)]
        self.commits = 0

    def opened(self, name: str, **options: Any) -> AdvancedSQLiteSession:
        return AdvancedSQLiteSession(
            session_id=name, db_path=self.path, create_tables=True, **options
        )

    @property
    def thread(self) -> Any:
        return self.sessions[0]._file._storage._database()._connections.of("writes")

    async def run(self, statement: str) -> None:
        await run(self.thread, lambda connection: connection.execute(statement).fetchall())

    async def count_commits(self) -> None:
        def count(statement: str) -> None:
            self.commits += statement == "COMMIT"

        await run(self.thread, lambda connection: connection.set_trace_callback(count))

    @contextmanager
    def held(self) -> Iterator[None]:
        """What is begun in this block waits until the block ends."""
        may_go_on = threading.Event()
        self.thread.post(lambda: may_go_on.wait(20) and None)
        yield
        may_go_on.set()

    async def at_once(self, *writes: Awaitable[Any]) -> list[Any]:
        """The outcomes of writes that wait at the same time."""
        with self.held():
            tasks = [asyncio.ensure_future(write) for write in writes]
            await asyncio.sleep(0)
        return await asyncio.gather(*tasks, return_exceptions=True)

    def said(self) -> list[str]:
        """The questions, in the order in which they were stored."""
        found = rows(
            self.path,
            "SELECT json_extract(message_data, '$.content') FROM agent_messages"
            " WHERE json_extract(message_data, '$.role') = 'user' ORDER BY id",
        )
        return [text for (text,) in found]


@pytest.fixture
async def crowd(path: Path) -> AsyncIterator[Crowd]:
    opened = Crowd(path)
    await opened.sessions[0].get_items()
    yield opened
    for session in opened.sessions:
        await session.close()


async def test_writes_that_wait_share_a_commit_and_keep_their_order(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "_LONGEST", 60.0)
    await crowd.count_commits()
    await crowd.at_once(*(each.add_items(turn(each.session_id)) for each in crowd.sessions))
    assert crowd.commits == 1
    assert crowd.said() == [each.session_id for each in crowd.sessions]
    assert texts(await crowd.sessions[7].get_items()) == ["talk 07", "About talk 07"]


async def test_nobody_is_answered_before_the_commit(crowd: Crowd) -> None:
    stored: list[list[str]] = []
    first, *others = crowd.sessions
    items = encoded(turn("mine"))
    mine = first._file._storage.write(
        first.session_id,
        lambda tx: history.append(tx, first.session_id, MAIN, items),
        then=lambda _: stored.append(crowd.said()),
    )
    await crowd.at_once(mine, *(each.add_items(turn("a")) for each in others))
    assert ["mine" in said for said in stored] == [True]


async def test_one_that_fails_takes_nobody_along(crowd: Crowd) -> None:
    await crowd.sessions[3].add_items(turn("first"))
    await crowd.sessions[3].create_branch_from_turn(1, "side")
    async with crowd.opened("talk 03") as other:
        await other.delete_branch("side")
    await crowd.count_commits()
    outcomes = await crowd.at_once(
        *(each.add_items(turn(each.session_id)) for each in crowd.sessions)
    )
    assert [type(outcome) for outcome in outcomes if outcome] == [BranchDeletedError]
    assert isinstance(outcomes[3], BranchDeletedError)
    others = [each.session_id for each in crowd.sessions if each is not crowd.sessions[3]]
    assert crowd.said() == ["first", *others]
    assert crowd.commits < CROWD / 4


async def test_many_that_fail(crowd: Crowd) -> None:
    """Every other one, the first and the last among them, for its own reason."""
    for each in crowd.sessions:
        await each.add_items(turn("first"))
    writes = [
        each.add_items([user(f"kept {each.session_id}")])
        if number % 3 == 1
        else each.create_branch_from_turn(99 + number)
        for number, each in enumerate(crowd.sessions)
    ]
    outcomes = await crowd.at_once(*writes)
    assert [str(outcome) for outcome in outcomes if outcome] == [
        f"Turn {99 + number} does not contain a user message in branch 'main'"
        for number in range(CROWD)
        if number % 3 != 1
    ]
    assert crowd.said()[CROWD:] == [f"kept talk {number:02}" for number in range(1, CROWD, 3)]


async def test_what_one_writes_the_next_one_sees(crowd: Crowd) -> None:
    one = crowd.sessions[0]
    await one.add_items(turn("a"))
    outcomes = await crowd.at_once(
        one.add_items(turn("b")),
        one.clear_session(),
        one.add_items(turn("c")),
        one.create_branch_from_turn(1, "side"),
        one.create_branch_from_turn(1, "side"),
        one.pop_item(),
    )
    assert outcomes[3] == "side"
    assert "already been used" in str(outcomes[4])
    assert outcomes[5] == turn("c")[1]
    assert crowd.said() == ["c"]
    assert [row["is_current"] for row in await one.list_branches()] == [False, True]


async def test_a_cancelled_one_leaves_the_queue_and_takes_nobody_along(crowd: Crowd) -> None:
    with crowd.held():
        tasks = [asyncio.ensure_future(each.add_items(turn("a"))) for each in crowd.sessions]
        await asyncio.sleep(0)
        tasks[5].cancel()
        await asyncio.wait([tasks[5]])
    await asyncio.wait(tasks)
    assert [number for number, task in enumerate(tasks) if task.cancelled()] == [5]
    assert [task.exception() for task in tasks if task is not tasks[5]] == [None] * (CROWD - 1)
    assert len(crowd.said()) == CROWD - 1


async def test_a_write_that_has_begun_is_waited_for(crowd: Crowd) -> None:
    session, begun, may_end = crowd.sessions[0], threading.Event(), threading.Event()
    stored: list[int] = []

    def work(tx: Transaction) -> int:
        begun.set()
        may_end.wait(20)
        return history.append(tx, session.session_id, MAIN, encoded(turn("mine"))).turn

    writing = session._file._storage.write(session.session_id, work, then=stored.append)
    task = asyncio.ensure_future(writing)
    await asyncio.to_thread(begun.wait, 20)
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    may_end.set()
    await asyncio.wait([task])
    assert (task.cancelled(), stored, crowd.said()) == (True, [1], ["mine"])


async def test_nobody_waits_for_a_lock_who_was_cancelled(crowd: Crowd, path: Path) -> None:
    """The thread gives up too: the next write does not wait behind it."""
    patient = [crowd.opened(each.session_id, lock_timeout=3600) for each in crowd.sessions]
    with locked(path):
        tasks = [asyncio.ensure_future(each.add_items(turn("a"))) for each in patient]
        await asyncio.sleep(0.1)
        for task in tasks:
            task.cancel()
        await asyncio.wait_for(asyncio.wait(tasks), 20)
        assert all(task.cancelled() for task in tasks)
        await asyncio.wait_for(run(crowd.thread, id), 20)
    assert crowd.said() == []
    await patient[0].add_items(turn("b"))
    assert crowd.said() == ["b"]


async def test_what_has_no_room_leaves_the_room_to_the_others(crowd: Crowd, path: Path) -> None:
    for each in crowd.sessions:
        await each.add_items(turn("a"))
    (pages,) = rows(path, "PRAGMA page_count")[0]
    await crowd.run(f"PRAGMA max_page_count = {pages + 20}")
    texts = ["x" * 300_000 if number % 10 == 4 else "b" for number in range(CROWD)]
    outcomes = await crowd.at_once(
        *(each.add_items([user(text)]) for each, text in zip(crowd.sessions, texts, strict=True))
    )
    full = [number for number, outcome in enumerate(outcomes) if outcome]
    assert full == [4, 14, 24, 34]
    assert {type(outcomes[number]) for number in full} == {DatabaseFullError}
    assert crowd.said()[CROWD:] == ["b"] * (CROWD - 4)


async def test_all_give_up_at_once_when_a_lock_stays(crowd: Crowd, path: Path) -> None:
    """Not one after the other, each after its own time."""
    hasty = [crowd.opened("hasty", lock_timeout=0.5) for _ in range(100)]
    await hasty[0].get_items()
    with locked(path):
        async with asyncio.timeout(20):
            outcomes = await crowd.at_once(*(each.add_items(turn("a")) for each in hasty))
    assert {type(outcome) for outcome in outcomes} == {DatabaseLockedError}
    assert len({id(outcome) for outcome in outcomes}) == len(hasty)
    assert crowd.said() == []
    for each in hasty:
        await each.close()


async def test_who_is_patient_goes_on_where_others_give_up(crowd: Crowd, path: Path) -> None:
    hasty = crowd.opened("hasty", lock_timeout=0.05)
    with locked(path):
        before, after = (
            asyncio.ensure_future(each.add_items(turn("b"))) for each in (hasty, crowd.sessions[0])
        )
        with pytest.raises(DatabaseLockedError, match=r"for more than 0\.05 s"):
            await before
        assert not after.done()
    await after
    assert crowd.said() == ["b"]
    await hasty.close()


async def test_each_is_told_that_the_file_is_gone(crowd: Crowd, path: Path) -> None:
    await crowd.sessions[0].add_items(turn("a"))
    path.rename(path.with_suffix(".moved"))
    outcomes = await crowd.at_once(*(crowd.sessions[0].add_items(turn("b")) for _ in range(CROWD)))
    assert {type(outcome) for outcome in outcomes} == {DatabaseUnavailableError}
    assert len({id(outcome) for outcome in outcomes}) == CROWD
    path.with_suffix(".moved").rename(path)
    assert crowd.said() == ["a"]


async def test_text_that_is_no_utf_8_in_the_midst(crowd: Crowd, path: Path) -> None:
    for each in crowd.sessions:
        await each.add_items(turn("a"))
    await crowd.run(
        "UPDATE message_structure SET branch_id = CAST(x'ff' AS TEXT) WHERE session_id = 'talk 09'"
    )
    outcomes = await crowd.at_once(*(each.pop_item() for each in crowd.sessions))
    assert outcomes == [None if number == 9 else turn("a")[1] for number in range(CROWD)]


async def test_a_closing_session_waits_for_what_it_has_begun(path: Path) -> None:
    crowd = Crowd(path)
    with crowd.held():
        tasks = [asyncio.ensure_future(each.add_items(turn("a"))) for each in crowd.sessions]
        await asyncio.sleep(0)
        closing = [asyncio.ensure_future(each.close()) for each in crowd.sessions]
        await asyncio.sleep(0)
    await asyncio.gather(*tasks, *closing)
    assert len(crowd.said()) == CROWD


async def test_a_database_in_memory_is_written_to_at_once() -> None:
    async with AdvancedSQLiteSession(session_id="talk", create_tables=True) as session:
        await asyncio.gather(*(session.add_items(turn(str(number))) for number in range(200)))
        assert texts(await session.get_items())[::2] == [str(number) for number in range(200)]
