"""A server that restarts, or whose replica takes its place."""

import asyncio
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from convo import AdvancedPostgresSession, ConversationStore
from convo.errors import ReadOnlyDatabaseError
from convo.postgres.pools import close_all
from tests.core.addresses import execute, rows
from tests.core.talk import turn, user
from tests.postgres.binaries import NoServer
from tests.postgres.replicas import promote, replica
from tests.postgres.run import own
from tests.postgres.server import ADMINISTRATOR, DURABLE, Server

PLAIN = "INSERT INTO agent_messages (session_id, message_data) VALUES ('talk', ?)"
SAID = "SELECT message_data::json ->> 'content' FROM agent_messages"


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


def address(*servers: Server) -> str:
    """The address of the database on a server, or on whichever of several takes writes."""
    hosts = ",".join(f"127.0.0.1:{server.port}" for server in servers)
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
    assert sorted(rows(address(standby), SAID)) == [("one",), ("three",), ("two",)]


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
