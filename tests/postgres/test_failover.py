"""A server that restarts, or whose replica takes its place."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from convo import AdvancedPostgresSession, ConversationStore
from convo.errors import BranchDeletedError, ReadOnlyDatabaseError
from convo.postgres.pools import close_all
from tests.core.addresses import execute, rows
from tests.core.talk import texts, turn, user
from tests.postgres.binaries import NoServer
from tests.postgres.proxy import Proxy
from tests.postgres.replicas import promote, replica
from tests.postgres.run import own
from tests.postgres.server import ADMINISTRATOR, DURABLE, Server
from tests.postgres.writers import Writers, check

PLAIN = "INSERT INTO agent_messages (session_id, message_data) VALUES ('talk', ?)"
SAID = "SELECT message_data::json ->> 'content' FROM agent_messages ORDER BY id"


@pytest.fixture
def server(postgres_server: Server, postgres_run: Path) -> Iterator[Server]:
    """A server of its own, with convo's tables."""
    server = own(postgres_run, "restarted")
    server.start(DURABLE)
    asyncio.run(made(address(server)))
    yield server
    close_all()
    server.stop(how=signal.SIGQUIT)


@pytest.fixture
def standby(server: Server, postgres_run: Path) -> Iterator[Server]:
    """A replica of the server, which runs."""
    try:
        copy = replica(server, postgres_run / f"{server.folder.name}-copy")
    except NoServer as reason:
        pytest.skip(str(reason))
    copy.start(DURABLE)
    yield copy
    close_all()
    copy.stop(how=signal.SIGQUIT)


def address(*servers: Server, port: int | None = None) -> str:
    """The address of the database on a server, or on whichever of several takes writes.

    The first is reached through a proxy if its port is given.
    """
    ports = [server.port for server in servers]
    ports[0] = port or ports[0]
    hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
    return f"postgresql://{ADMINISTRATOR}:{servers[0].password}@{hosts}/postgres"


async def made(url: str) -> None:
    async with ConversationStore(url, create=True) as store:
        await store.start_session("talk")


def test_a_restart_while_nothing_is_done(server: Server) -> None:
    url = address(server)

    async def use() -> None:
        session = AdvancedPostgresSession("talk", url=url, lock_timeout=60)
        await session.add_items(turn("before"))
        server.stop()
        server.start(DURABLE)
        assert len(await session.get_items()) == len(turn("x"))
        server.stop()
        server.start(DURABLE)
        await session.add_items(turn("after"))
        assert len(await session.get_items()) == 2 * len(turn("x"))

    asyncio.run(use())


def test_a_restart_while_a_hundred_wait(server: Server) -> None:
    """All but one wait for connections, or for that one, whose transaction is ended."""
    url = address(server)

    async def use() -> None:
        talks = [
            AdvancedPostgresSession(f"{n}" if n % 2 else "talk", url=url, lock_timeout=60)
            for n in range(100)
        ]
        with psycopg.connect(url) as other:
            other.execute("SELECT 1 FROM agent_sessions FOR UPDATE")
            other.execute("LOCK agent_messages IN EXCLUSIVE MODE")
            writes = [
                asyncio.ensure_future(talk.add_items([user(f"{n}")]))
                for n, talk in enumerate(talks)
            ]
            await waiting(server)
            await asyncio.to_thread(server.stop)
            with suppress(psycopg.OperationalError):
                other.rollback()
        await asyncio.to_thread(server.start, DURABLE)
        await asyncio.gather(*writes)

    asyncio.run(use())
    found = Counter(content for (content,) in rows(url, SAID))
    assert found == Counter(f"{n}" for n in range(100))


def test_a_replica_is_read_and_takes_the_place_of_the_server(
    server: Server, standby: Server
) -> None:
    async def use() -> None:
        session = AdvancedPostgresSession("talk", url=address(standby, server), lock_timeout=60)
        await session.add_items([user("one")])
        execute(address(server), PLAIN, '{"role": "user", "content": "two"}')
        await caught_up(server, standby)

        reader = AdvancedPostgresSession("talk", url=address(standby))
        assert [item["content"] for item in await reader.get_items()] == ["one", "two"]
        assert [one["turn"] for one in await reader.get_conversation_turns()] == [1, 2]
        with pytest.raises(ReadOnlyDatabaseError):
            await reader.add_items([user("refused")])

        await asyncio.to_thread(server.stop)
        # Before that, the replica may answer that it takes no writes.
        await asyncio.to_thread(promote, standby)
        await session.add_items([user("three")])
        assert [item["content"] for item in await session.get_items()] == ["one", "two", "three"]

    asyncio.run(use())
    assert rows(address(standby), SAID) == [("one",), ("two",), ("three",)]


async def test_a_server_is_killed_and_its_replica_takes_its_place(
    server: Server, standby: Server
) -> None:
    """The replica has what was acknowledged: two COMMITs are on their way, one has been stored."""
    synchronous(server)
    with Proxy(server.port) as one, Proxy(server.port) as other:
        through = [(proxy, address(server, standby, port=proxy.port)) for proxy in (one, other)]
        async with Writers(address(server, standby), *through) as writers:
            await writers.more()
            await writers.lose()
            await asyncio.to_thread(server.kill_all)
            await asyncio.to_thread(promote, standby)
            await writers.more()
    writers.look(address(standby))
    await check(address(standby))


async def test_what_an_asynchronous_replica_has_not_got_is_lost(
    server: Server, standby: Server
) -> None:
    """The rest is whole, and is gone on with."""
    session = AdvancedPostgresSession("talk", url=address(server, standby), lock_timeout=60)
    await session.add_items(turn("one"))
    await caught_up(server, standby)
    await asyncio.to_thread(standby.stop)
    await session.add_items(turn("lost"))
    await session.create_branch_from_turn(1, "lost")
    await asyncio.to_thread(server.kill_all)
    await asyncio.to_thread(standby.start, DURABLE)
    await asyncio.to_thread(promote, standby)
    assert texts(await session.get_items(branch_id="main")) == texts(turn("one"))
    with pytest.raises(BranchDeletedError):
        await session.add_items(turn("two"))
    await session.switch_to_branch("main")
    await session.add_items(turn("two"))
    assert texts(await session.get_items()) == texts([*turn("one"), *turn("two")])
    await check(address(standby))


def synchronous(server: Server) -> None:
    """Have a server acknowledge only what its replica has, too."""
    url = server.url_of_socket("postgres")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        connection.execute("SELECT pg_reload_conf()")
        query = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"
        while connection.execute(query).fetchone() is None:
            time.sleep(0.01)


async def waiting(server: Server) -> None:
    """Wait until all connections of convo wait for a lock, as all that may be opened do."""
    query = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE application_name = 'convo' AND wait_event_type = 'Lock'"
    )
    url = server.url_of_socket("postgres")
    while rows(url, query)[0][0] < 8:  # noqa: ASYNC110 - the server tells nobody
        await asyncio.sleep(0.01)


async def caught_up(server: Server, standby: Server) -> None:
    """Wait until a replica has all that the server has."""
    (place,) = rows(server.url_of_socket("postgres"), "SELECT pg_current_wal_lsn()::text")[0]
    query = f"SELECT pg_last_wal_replay_lsn() >= '{place}'::pg_lsn"
    while rows(standby.url_of_socket("postgres"), query) != [(True,)]:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
