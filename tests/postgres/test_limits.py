"""Limits that a server or an administrator sets: on connections, on statements, on locks."""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from convo import AdvancedPostgresSession
from convo.errors import DatabaseLockedError, DatabaseUnavailableError
from convo.postgres.pools import close_all
from tests.core.addresses import rows
from tests.core.talk import turn
from tests.postgres.run import own
from tests.postgres.server import USER, Server

_FEW = {"max_connections": "6", "superuser_reserved_connections": "3", "max_wal_senders": "0"}
_COUNT = "SELECT count(*) FROM agent_messages"


@pytest.fixture
def crowded(postgres_server: Server, postgres_run: Path) -> Iterator[Server]:
    """A server with few connections."""
    server = own(postgres_run, "crowded")
    server.start(_FEW)
    with psycopg.connect(server.url_of_socket("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE few OWNER {USER}")
    yield server
    close_all()
    server.stop(how=signal.SIGQUIT)


async def test_all_connections_are_used_up(crowded: Server) -> None:
    url = crowded.url("few")
    others: list[psycopg.Connection[tuple[object, ...]]] = []
    await AdvancedPostgresSession("talk", url=url, create_tables=True).get_items()
    close_all()
    while len(others) < 10:
        try:
            others.append(psycopg.connect(url))
        except psycopg.OperationalError as error:
            # That of the pool may not have ended yet.
            if "slots" not in str(error) and "too many" not in str(error):
                raise
            if len(others) == 3:
                break
    hasty = AdvancedPostgresSession("talk", url=url, pool_size=1, lock_timeout=0.2)
    with pytest.raises(DatabaseUnavailableError, match=r"(?i)connection slots|too many"):
        await hasty.add_items(turn("refused"))
    patient = AdvancedPostgresSession("talk", url=url, pool_size=2, lock_timeout=60)
    write = asyncio.ensure_future(patient.add_items(turn("patient")))
    await asyncio.sleep(0.05)
    for other in others:
        other.close()
    await write
    assert len(await patient.get_items()) == len(turn("x"))


@pytest.mark.parametrize("name", ["statement_timeout", "lock_timeout"])
async def test_a_limit_of_50_ms(postgres_url: str, name: str) -> None:
    """The limit on statements holds; for locks, convo says itself how long it waits."""
    url = f"{postgres_url}?options=-c%20{name}%3D50"
    session = AdvancedPostgresSession("talk", url=url, lock_timeout=60)
    await session.add_items(turn("before"))
    with psycopg.connect(postgres_url) as other:
        other.execute("SELECT 1 FROM agent_sessions FOR UPDATE")
        write = asyncio.ensure_future(session.add_items(turn("after")))
        if name == "statement_timeout":
            with pytest.raises(DatabaseLockedError, match="the statement was cancelled"):
                await write
        else:
            await asyncio.sleep(0.2)
            assert not write.done()
    expected = len(turn("x"))
    if name == "lock_timeout":
        await write
        expected *= 2
    assert rows(postgres_url, _COUNT) == [(expected,)]
    await session.add_items(turn("more"))
    assert rows(postgres_url, _COUNT) == [(expected + len(turn("x")),)]
