"""The connections of a process: few, shared, waited for, and never those of a parent process."""

import asyncio
import os
import threading
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

import psycopg
import pytest

from convo import AdvancedPostgresSession
from convo.errors import DatabaseUnavailableError
from convo.postgres import pool as pool_module
from convo.postgres.pool import Pool, Task
from convo.postgres.pools import close_all
from convo.postgres.seat import Seat
from convo.postgres.url import parse
from convo.storage.pending_result import PendingResult
from tests.core.addresses import rows
from tests.core.talk import turn
from tests.postgres.proxy import Proxy

OURS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'convo' AND datname = '{}'"


NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


def database(url: str) -> str:
    assert not parse_qsl(urlsplit(url).query)
    return urlsplit(url).path.removeprefix("/")


def connections(url: str) -> int:
    return int(rows(url, OURS.format(database(url)))[0][0])


async def gone(url: str) -> None:
    """Wait until the server has noticed that all connections are closed."""
    while connections(url):  # noqa: ASYNC110 - the server tells nobody
        await asyncio.sleep(0.01)


async def test_a_thousand_sessions_share_few_connections(postgres_url: str) -> None:
    close_all()
    threads = threading.active_count()
    sessions = [AdvancedPostgresSession(f"s{n}", url=postgres_url) for n in range(1000)]
    assert connections(postgres_url) == 0
    found = await asyncio.gather(*(session.get_items() for session in sessions))
    assert found == [[]] * 1000
    assert 1 <= connections(postgres_url) <= 8
    assert threading.active_count() <= threads + 8


async def test_a_pool_of_one_serves_many(postgres_url: str) -> None:
    sessions = [AdvancedPostgresSession(f"s{n}", url=postgres_url, pool_size=1) for n in range(50)]
    await asyncio.gather(*(session.add_items(turn("hello")) for session in sessions))
    assert rows(postgres_url, "SELECT count(*) FROM agent_sessions") == [(50,)]


async def test_a_waiter_learns_how_many_connections_there_are(postgres_url: str) -> None:
    one = AdvancedPostgresSession("one", url=postgres_url, pool_size=1, lock_timeout=0.3)
    two = AdvancedPostgresSession("two", url=postgres_url, pool_size=1, lock_timeout=0.1)
    await one.add_items(turn("hello"))
    with psycopg.connect(postgres_url) as other:
        other.execute("SELECT 1 FROM agent_sessions WHERE session_id = 'one' FOR UPDATE")
        first = asyncio.ensure_future(one.add_items(turn("more")))
        await asyncio.sleep(0.05)
        with pytest.raises(DatabaseUnavailableError, match=r"all 1 connections .* to postgresql:"):
            await two.get_items()
        with pytest.raises(Exception, match="locked"):
            await first


async def test_idle_connections_are_closed(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "IDLE", 0.05)
    close_all()
    session = AdvancedPostgresSession("talk", url=postgres_url)
    await session.get_items()
    await gone(postgres_url)
    assert await session.get_items() == []


async def test_a_fork_begins_without_connections(postgres_url: str) -> None:
    session = AdvancedPostgresSession("talk", url=postgres_url)
    await session.add_items(turn("before"))
    child = os.fork()
    if child == 0:
        loop = asyncio.new_event_loop()
        asyncio._set_running_loop(None)
        loop.run_until_complete(session.add_items(turn("child")))
        close_all()
        os._exit(0)
    _, status = os.waitpid(child, 0)  # noqa: ASYNC222 - nothing else runs
    assert status == 0
    await session.add_items(turn("after"))
    said = [item["content"] for item in await session.get_items() if item.get("role") == "user"]
    assert said == ["before", "child", "after"]


def test_each_event_loop_may_use_the_same_session(postgres_url: str) -> None:
    session = AdvancedPostgresSession("talk", url=postgres_url)
    threads = [
        threading.Thread(target=lambda n=n: asyncio.run(session.add_items(turn(f"{n}"))))
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(asyncio.run(session.get_items())) == 4 * len(turn("x"))


async def test_a_password_is_asked_for_when_a_connection_is_made(postgres_url: str) -> None:
    given: list[str] = []

    def password() -> str:
        given.append("asked")
        return str(urlsplit(postgres_url).password)

    session = AdvancedPostgresSession("talk", url=postgres_url, password=password, pool_size=1)
    assert given == []
    await session.get_items()
    await AdvancedPostgresSession(
        "other",
        url=postgres_url.replace(str(urlsplit(postgres_url).password), "wrong"),
        password=password,
        pool_size=1,
    ).get_items()
    assert given == ["asked"]


async def test_a_server_that_is_not_there_is_not_waited_for() -> None:
    session = AdvancedPostgresSession("talk", url=NOWHERE)
    with pytest.raises(DatabaseUnavailableError, match=r"postgresql://nobody@127\.0\.0\.1:1/none"):
        await session.get_items()


async def test_connections_that_were_cut_are_replaced(proxied: tuple[Proxy, str]) -> None:
    proxy, url = proxied
    session = AdvancedPostgresSession("talk", url=url)
    await session.add_items(turn("before"))
    proxy.cut()
    await session.add_items(turn("after"))
    proxy.cut()
    assert len(await session.get_items()) == 2 * len(turn("x"))


def work(key: str | None, run: Callable[[], None] = lambda: None) -> Task:
    """A task of a pool that needs no server."""
    result: PendingResult[str] = PendingResult()

    def do(seat: Seat, others: list[Task]) -> None:
        run()
        result.succeed("done")

    return Task(key, result, do)


class Meanwhile:
    """The guard of a pool; once its only thread has left the idle ones to end, more work comes."""

    def __init__(self, pool: Pool, more: Task) -> None:
        self._guard, self._pool, self._more = threading.Lock(), pool, [more]

    def __enter__(self) -> None:
        self._guard.acquire()

    def __exit__(self, *error: object) -> None:
        is_ending = not self._pool._idle and threading.current_thread().name.startswith("convo")
        self._guard.release()
        if is_ending and self._more:
            self._pool._add(self._more.pop())


async def test_a_task_that_comes_while_the_only_thread_ends_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool_module, "IDLE", 0.01)
    pool = Pool(parse(NOWHERE), 1)
    second = work(None)
    pool._guard = Meanwhile(pool, second)  # type: ignore[assignment]
    assert await pool.run(work(None), 60) == "done"
    assert await asyncio.wait_for(second.result, 30) == "done"
    pool.shut()


async def test_what_waits_for_its_session_is_done_before_a_pool_ends() -> None:
    pool = Pool(parse(NOWHERE), 1)
    begun, may_end = threading.Event(), threading.Event()
    first = asyncio.ensure_future(pool.run(work("talk", lambda: _wait(begun, may_end)), 60))
    await asyncio.to_thread(begun.wait)
    second = asyncio.ensure_future(pool.run(work("talk"), 60))
    await asyncio.sleep(0)
    pool.shut()
    may_end.set()
    for task in (first, second):
        assert await asyncio.wait_for(task, 60) == "done"


def _wait(begun: threading.Event, may_end: threading.Event) -> None:
    begun.set()
    may_end.wait()
