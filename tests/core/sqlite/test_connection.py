import asyncio
import sqlite3
import threading
from typing import Any

import pytest

from convo.errors import SessionClosedError
from convo.sqlite.connection import Link
from convo.sqlite.pending_result import Job
from convo.storage.transaction import Transaction

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def connect() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", check_same_thread=False)


async def test_it_opens_at_its_first_use_and_stays() -> None:
    link = Link(connect)
    first = await link.run(id)
    assert await link.run(id) == first
    await link.close()


async def test_a_connection_that_cannot_be_opened_is_tried_again() -> None:
    refused = [sqlite3.OperationalError("not now")]

    def connector() -> sqlite3.Connection:
        if refused:
            raise refused.pop()
        return connect()

    link = Link(connector)
    with pytest.raises(sqlite3.OperationalError, match="not now"):
        await link.run(id)
    assert await link.run(lambda connection: connection.execute("SELECT 1").fetchone()) == (1,)
    await link.close()


async def test_a_cancelled_caller_waits_until_the_work_is_done() -> None:
    link, may_end, results = Link(connect), threading.Event(), []

    def work(_: sqlite3.Connection) -> str:
        may_end.wait(10)
        return "done"

    task = asyncio.create_task(link.run(work, results.append))
    await asyncio.sleep(0.05)
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0.01)
    assert not task.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert results == ["done"]
    await link.close()


async def test_a_read_is_interrupted_when_its_caller_is_cancelled() -> None:
    link, begun = Link(connect), threading.Event()

    def count_for_ever(job: Job[Any]) -> Any:
        begun.set()
        return link.connection().execute(ENDLESS).fetchone()

    task = asyncio.create_task(link.read(count_for_ever))
    await asyncio.to_thread(begun.wait, 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.wait_for(link.run(lambda _: "free"), 20) == "free"
    await link.close()


async def test_a_read_is_interrupted_that_begins_as_its_caller_is_cancelled() -> None:
    link, begun, cancelled = Link(connect), threading.Event(), threading.Event()

    def count_for_ever(job: Job[Any]) -> Any:
        begun.set()
        cancelled.wait(20)
        return link.connection().execute(ENDLESS).fetchone()

    await link.run(id)
    task = asyncio.create_task(link.read(count_for_ever))
    await asyncio.to_thread(begun.wait, 20)
    task.cancel()
    await asyncio.wait([task])
    cancelled.set()
    assert await asyncio.wait_for(link.run(lambda _: "free"), 20) == "free"
    await link.close()


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
    link, may_end, done = Link(connect), threading.Event(), []
    first = asyncio.create_task(link.run(lambda _: may_end.wait(20)))
    second = asyncio.create_task(link.run(lambda _: done.append("second")))
    await asyncio.sleep(0.01)
    second.cancel()
    await asyncio.wait([second])
    may_end.set()
    assert (await first, second.cancelled(), done) == (True, True, [])
    await link.close()


async def test_a_closed_link_refuses_work() -> None:
    link = Link(connect)
    await link.run(id)
    await link.close()
    with pytest.raises(SessionClosedError):
        await link.run(id)
    link.join(10)
    assert not link._thread.is_alive()


def test_an_event_loop_that_ends_meanwhile_does_no_harm(
    recwarn: pytest.WarningsRecorder,
) -> None:
    link, may_end = Link(connect), threading.Event()

    def work(_: sqlite3.Connection) -> bool:
        return may_end.wait(10)

    loop = asyncio.new_event_loop()
    task = loop.create_task(link.run(work))
    loop.run_until_complete(asyncio.sleep(0.01))
    asyncio.tasks._unregister_task(task)
    task._log_destroy_pending = False
    loop.close()
    may_end.set()
    assert asyncio.run(link.run(lambda _: "alive")) == "alive"
    link.shut()
    link.join(10)
