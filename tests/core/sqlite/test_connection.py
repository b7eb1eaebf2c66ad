import asyncio
import sqlite3
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from convo.errors import SessionClosedError
from convo.sqlite.connection import ConnectionThread
from convo.storage.pending_result import PendingResult, Withdrawn
from convo.storage.storage import StorageOptions
from convo.storage.transaction import Transaction

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


OPTIONS = StorageOptions()
T = TypeVar("T")


def connect(_: StorageOptions) -> sqlite3.Connection:
    return sqlite3.connect(":memory:", check_same_thread=False)


async def run(
    thread: ConnectionThread,
    work: Callable[[sqlite3.Connection], T],
    then: Callable[[T], None] | None = None,
) -> T:
    """Have work done on the connection that cannot be undone."""

    def begin(result: PendingResult[T]) -> T:
        if not result.begin():
            raise Withdrawn
        return work(thread.connection(OPTIONS))

    return await thread.call(begin, then)


async def test_it_opens_at_its_first_use_and_stays() -> None:
    thread = ConnectionThread(connect)
    first = await run(thread, id)
    assert await run(thread, id) == first
    await thread.close()


async def test_a_connection_that_cannot_be_opened_is_tried_again() -> None:
    refused = [sqlite3.OperationalError("not now")]

    def connector(options: StorageOptions) -> sqlite3.Connection:
        if refused:
            raise refused.pop()
        return connect(options)

    thread = ConnectionThread(connector)
    with pytest.raises(sqlite3.OperationalError, match="not now"):
        await run(thread, id)
    assert await run(thread, lambda connection: connection.execute("SELECT 1").fetchone()) == (1,)
    await thread.close()


async def test_a_cancelled_caller_waits_until_the_work_is_done() -> None:
    thread, may_end, results = ConnectionThread(connect), threading.Event(), []

    def work(_: sqlite3.Connection) -> str:
        may_end.wait(10)
        return "done"

    task = asyncio.create_task(run(thread, work, results.append))
    await asyncio.sleep(0.05)
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0.01)
    assert not task.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert results == ["done"]
    await thread.close()


async def test_a_read_is_interrupted_when_its_caller_is_cancelled() -> None:
    thread, begun = ConnectionThread(connect), threading.Event()

    def count_for_ever(job: PendingResult[Any]) -> Any:
        begun.set()
        return thread.connection(OPTIONS).execute(ENDLESS).fetchone()

    task = asyncio.create_task(thread.read(count_for_ever))
    await asyncio.to_thread(begun.wait, 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.wait_for(run(thread, lambda _: "free"), 20) == "free"
    await thread.close()


async def test_a_read_is_interrupted_that_begins_as_its_caller_is_cancelled() -> None:
    thread, begun, cancelled = ConnectionThread(connect), threading.Event(), threading.Event()

    def count_for_ever(job: PendingResult[Any]) -> Any:
        begun.set()
        cancelled.wait(20)
        return thread.connection(OPTIONS).execute(ENDLESS).fetchone()

    await run(thread, id)
    task = asyncio.create_task(thread.read(count_for_ever))
    await asyncio.to_thread(begun.wait, 20)
    task.cancel()
    await asyncio.wait([task])
    cancelled.set()
    assert await asyncio.wait_for(run(thread, lambda _: "free"), 20) == "free"
    await thread.close()


async def test_a_read_that_is_between_two_statements_begins_no_other(session: Any) -> None:
    begun, may_go_on = threading.Event(), threading.Event()
    done = []

    def look(tx: Transaction, _: object) -> None:
        begun.set()
        may_go_on.wait(20)
        done.append(tx.value("newest_of_all"))

    await session.get_items()
    task = asyncio.create_task(session._file.read(look))
    await asyncio.to_thread(begun.wait, 20)
    task.cancel()
    await asyncio.wait([task])
    may_go_on.set()
    assert await session.get_items() == []
    assert (task.cancelled(), done) == (True, [])


async def test_what_waits_behind_others_is_left_at_once() -> None:
    thread, may_end, done = ConnectionThread(connect), threading.Event(), []
    first = asyncio.create_task(run(thread, lambda _: may_end.wait(20)))
    second = asyncio.create_task(run(thread, lambda _: done.append("second")))
    await asyncio.sleep(0.01)
    second.cancel()
    await asyncio.wait([second])
    may_end.set()
    assert (await first, second.cancelled(), done) == (True, True, [])
    await thread.close()


async def test_a_closed_link_refuses_work() -> None:
    thread = ConnectionThread(connect)
    await run(thread, id)
    await thread.close()
    with pytest.raises(SessionClosedError):
        await run(thread, id)
    thread.join(10)
    assert not thread._thread.is_alive()


def test_an_event_loop_that_ends_meanwhile_does_no_harm(
    recwarn: pytest.WarningsRecorder,
) -> None:
    thread, may_end = ConnectionThread(connect), threading.Event()

    def work(_: sqlite3.Connection) -> bool:
        return may_end.wait(10)

    loop = asyncio.new_event_loop()
    task = loop.create_task(run(thread, work))
    loop.run_until_complete(asyncio.sleep(0.01))
    asyncio.tasks._unregister_task(task)
    task._log_destroy_pending = False
    loop.close()
    may_end.set()
    assert asyncio.run(run(thread, lambda _: "alive")) == "alive"
    thread.shut()
    thread.join(10)
