"""What was acknowledged is there once, and the rest once or not at all, whoever is killed when."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from convo import ConversationStore
from convo.postgres.pools import close_all
from tests.postgres.proxy import Proxy
from tests.postgres.run import own
from tests.postgres.server import ADMINISTRATOR, DURABLE, Server
from tests.postgres.victims import ALL
from tests.postgres.writers import Writers, check

KILLS = 16
"""How often a client is killed during each kind of write: more than 200 times in all."""

_ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("part", range(3))
def test_killed_clients(postgres_url: str, part: int) -> None:
    kinds = ALL[part::3]
    command = [sys.executable, "-m", "tests.postgres.victims", postgres_url, str(KILLS), *kinds]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [
        str(KILLS * len(kinds)),
        "killed",
        str(2 * len(kinds)),
        "committing",
    ]


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
    """Two COMMITs are on their way meanwhile: one that the server has got, and one not."""
    url = durable.url_of_socket("postgres", user=ADMINISTRATOR)
    async with ConversationStore(url, create=True) as store:
        await store.start_session("shared")
    with Proxy(durable.port) as one, Proxy(durable.port) as other:
        through = [
            (proxy, durable.url("postgres", user=ADMINISTRATOR, port=proxy.port))
            for proxy in (one, other)
        ]
        async with Writers(url, *through) as writers:
            await writers.more()
            await writers.lose()
            await asyncio.to_thread(blow, durable)
            await writers.more()
    writers.look(url)
    await check(url)
