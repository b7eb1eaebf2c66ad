"""Through pgbouncer in transaction mode, where no connection is a client's own."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from convo import AdvancedPostgresSession
from tests.core.addresses import rows
from tests.core.talk import result, turn
from tests.postgres.binaries import NoServer
from tests.postgres.bouncer import bouncing
from tests.postgres.server import Server


@pytest.fixture
def bounced(postgres_server: Server, postgres_run: Path, postgres_url: str) -> Iterator[str]:
    """The address of the empty database through a pgbouncer with four connections."""
    try:
        with bouncing(postgres_server, postgres_run, pool=4) as port:
            database = postgres_url.rpartition("/")[2]
            yield postgres_server.url(database, port=port)
    except NoServer as reason:
        pytest.skip(str(reason))


async def test_more_clients_than_connections_lose_nothing(bounced: str, postgres_url: str) -> None:
    """Each has a pool of its own, as a process would."""

    async def talk(number: int) -> None:
        name = "shared" if number < 8 else f"own {number:02}"
        async with AdvancedPostgresSession(name, url=bounced, pool_size=number + 1) as session:
            for count in range(2):
                await session.add_items(turn(f"{number} {count}"))
                await session.store_run_usage(result(15))
                await session.get_items(3)

    await asyncio.gather(*(talk(number) for number in range(32)))
    found = rows(
        postgres_url,
        "SELECT session_id, count(*), count(DISTINCT sequence_number), max(user_turn_number)"
        " FROM message_structure GROUP BY 1 ORDER BY 1",
    )
    assert found == [(f"own {n:02}", 4, 4, 2) for n in range(8, 32)] + [("shared", 32, 32, 16)]
    spent = "SELECT sum(total_tokens) FROM convo_runs WHERE session_id LIKE 'own %'"
    assert rows(postgres_url, spent) == [(24 * 2 * 15,)]
