"""What was acknowledged is there once, and the rest once or not at all, whoever is killed when."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from convo import AdvancedPostgresSession, ConversationStore
from convo.errors import DatabaseUnavailableError
from convo.postgres.pools import close_all
from tests.core.addresses import rows
from tests.core.talk import user
from tests.postgres.run import own
from tests.postgres.server import ADMINISTRATOR, DURABLE, Server
from tests.postgres.victims import ALL

KILLS = 19
"""How often a client is killed during each kind of write: more than 200 times in all."""

WRITERS = 8
_ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("part", range(3))
def test_killed_clients(postgres_url: str, part: int) -> None:
    kinds = ALL[part::3]
    command = [sys.executable, "-m", "tests.postgres.victims", postgres_url, str(KILLS), *kinds]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(KILLS * len(kinds)), "killed"]


def test_they_are_as_many_as_was_promised() -> None:
    assert KILLS * len(ALL) >= 200


@pytest.fixture
def durable(postgres_server: Server, postgres_run: Path) -> Iterator[Server]:
    """A server of its own that loses nothing which it has acknowledged."""
    server = own(postgres_run, "durable")
    server.start(DURABLE)
    yield server
    close_all()
    server.stop(how=signal.SIGQUIT)


def kill_backend(server: Server) -> None:
    """Kill a process that serves a writer, which makes the server restart all others."""
    with psycopg.connect(server.url_of_socket("postgres")) as connection:
        found = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'convo' LIMIT 1"
        ).fetchone()
    assert found
    os.kill(found[0], signal.SIGKILL)


def terminate_backends(server: Server) -> None:
    with psycopg.connect(server.url_of_socket("postgres")) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'convo'"
        )


def crash(server: Server) -> None:
    server.stop(how=signal.SIGQUIT)
    start_again(server)


def kill_server(server: Server) -> None:
    server.kill()
    start_again(server)


def start_again(server: Server) -> None:
    """Start a server whose processes may not all have ended yet."""
    deadline = time.monotonic() + 60
    while True:
        try:
            server.start(DURABLE)
        except RuntimeError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


BLOWS = [terminate_backends, kill_backend, crash, kill_server]


@pytest.mark.parametrize("blow", BLOWS, ids=lambda blow: blow.__name__)
async def test_a_killed_server(durable: Server, blow: Callable[[Server], None]) -> None:
    """Half of the writers share a session."""
    url = durable.url_of_socket("postgres", user=ADMINISTRATOR)
    async with ConversationStore(url, create=True) as store:
        await store.start_session("shared")
    sure: list[tuple[str, str]] = []
    unsure: list[tuple[str, str]] = []
    is_over = asyncio.Event()

    async def write(number: int) -> None:
        # Each has a pool of its own, as a process would.
        name = "shared" if number % 2 else f"own {number}"
        session = AdvancedPostgresSession(name, url=url, pool_size=number + 1, lock_timeout=60)
        count = 0
        while not is_over.is_set():
            said = f"{number}.{count}"
            try:
                await session.add_items([user(said), {"role": "assistant", "content": said}])
            except DatabaseUnavailableError:
                unsure.append((name, said))
            else:
                sure.append((name, said))
            count += 1

    writers = [asyncio.ensure_future(write(number)) for number in range(WRITERS)]
    await more(sure, 5 * WRITERS, writers)
    await asyncio.to_thread(blow, durable)
    await more(sure, len(sure) + 5 * WRITERS, writers)
    is_over.set()
    await asyncio.gather(*writers)
    found = Counter(
        rows(url, "SELECT session_id, message_data::json ->> 'content' FROM agent_messages")
    )
    assert [one for one in sure if found[one] != 2] == []
    assert [one for one in unsure if found[one] not in (0, 2)] == []
    assert found.keys() <= {*sure, *unsure}
    async with ConversationStore(url) as store:
        assert await store.check() == []


async def more(
    sure: list[tuple[str, str]], count: int, writers: list[asyncio.Future[None]]
) -> None:
    """Wait until so many turns have been acknowledged."""
    while len(sure) < count:
        assert not any(writer.done() for writer in writers), writers
        await asyncio.sleep(0.005)
