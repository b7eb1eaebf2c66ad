"""The tests of the library run on each engine, unless they are about SQLite's files.

Whoever asks for `path`, `session` or `store` is run once on each; `path` is the address of an
empty database. A test that can only be about a file says why: `sqlite_only(reason)`.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from agents import Runner

from convo import ConversationStore
from tests.core.addresses import Address, Session, open_session

ENGINES = ("sqlite", "postgres")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        is_of_files = metafunc.definition.get_closest_marker("sqlite_only")
        metafunc.parametrize("engine", ENGINES[:1] if is_of_files else ENGINES)


@pytest.fixture
def path(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Address:
    if engine == "postgres":
        address: str = request.getfixturevalue("postgres_url")
        return address
    return tmp_path / "conversations.db"


@pytest.fixture
def new_path(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Address:
    """The address of a database without any table."""
    if engine == "postgres":
        address: str = request.getfixturevalue("new_postgres_url")
        return address
    return tmp_path / "new.db"


@pytest.fixture
async def session(path: Address) -> AsyncIterator[Session]:
    async with open_session(path, create_tables=True) as opened:
        yield opened


@pytest.fixture
async def store(path: Address) -> AsyncIterator[ConversationStore]:
    async with ConversationStore(path, create=True) as opened:
        yield opened


@pytest.fixture(params=["run", "streamed"])
async def answered(request: pytest.FixtureRequest) -> Any:
    """Runs an agent, streamed and not."""

    async def run(*args: Any, **options: Any) -> Any:
        if request.param == "run":
            return await Runner.run(*args, **options)
        result = Runner.run_streamed(*args, **options)
        async for _ in result.stream_events():
            pass
        return result

    return run
