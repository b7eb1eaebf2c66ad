"""A PostgreSQL server, for whoever asks for one; without one, a test is skipped and says why."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from convo import ConversationStore
from tests.postgres.binaries import NoServer
from tests.postgres.databases import TEMPLATE, Databases, opened
from tests.postgres.proxy import Proxy
from tests.postgres.run import one_at_a_time, shared
from tests.postgres.server import Server

_WORKER = f"worker_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"


@pytest.fixture(scope="session")
def postgres_server(postgres_run: Path) -> Server:
    """The server that all tests of this run share."""
    try:
        return shared(postgres_run)
    except NoServer as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def databases(postgres_server: Server, postgres_run: Path) -> Iterator[Databases]:
    """The databases of the server, one of which has convo's tables and is copied."""
    with opened(postgres_server) as databases:
        with one_at_a_time(postgres_run):
            if not databases.has(TEMPLATE):
                asyncio.run(_make_tables(databases.make(TEMPLATE)))
            databases.make(_WORKER, TEMPLATE)
        yield databases


@pytest.fixture
def postgres_url(databases: Databases) -> str:
    """The address of a database with convo's tables, all of them empty."""
    databases.empty(_WORKER)
    return databases.url(_WORKER)


@pytest.fixture
def new_postgres_url(databases: Databases) -> Iterator[str]:
    """The address of a database without any table."""
    name = f"{_WORKER}_new"
    yield databases.make(name)
    databases.drop(name)


@pytest.fixture
def proxied(postgres_server: Server, postgres_url: str) -> Iterator[tuple[Proxy, str]]:
    """A proxy before the server, and the address of the empty database through it."""
    with Proxy(postgres_server.port) as proxy:
        yield proxy, postgres_server.url(_WORKER, port=proxy.port)


async def _make_tables(url: str) -> None:
    async with ConversationStore(url, create=True) as store:
        await store.count_sessions()
