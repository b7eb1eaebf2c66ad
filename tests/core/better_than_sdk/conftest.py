"""Two databases for each test: the SDK's class gets a file, ours a file or a database on a server.

Every test of this folder has the number of its row in the table "where convo must be better than
the SDK". It does a thing with the SDK's class first and holds it to what goes wrong there, so
that it tells us when the SDK is mended; then it does the same with ours.
"""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from agents.extensions.memory import AdvancedSQLiteSession as TheirSession

from convo import ConversationStore
from tests.core.addresses import Address, Session, open_session
from tests.core.better_than_sdk.openers import OpenOurs, OpenTheirs

_IN_MEMORY = Path("/dev/shm")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that is in memory where the system has such a place, for what commits often."""
    place = _IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None
    with TemporaryDirectory(dir=place) as folder:
        yield Path(folder)


@pytest.fixture
def their_path(folder: Path) -> Path:
    return folder / "theirs.db"


@pytest.fixture
def path(engine: str, folder: Path, request: pytest.FixtureRequest) -> Address:
    if engine == "postgres":
        address: str = request.getfixturevalue("postgres_url")
        return address
    return folder / "ours.db"


@pytest.fixture
def theirs(their_path: Path) -> Iterator[OpenTheirs]:
    """Opens sessions of the SDK's class."""
    opened = []

    def opener(name: str = "talk", **options: Any) -> TheirSession:
        settings = {"db_path": their_path, "create_tables": True, **options}
        opened.append(TheirSession(session_id=name, **settings))
        return opened[-1]

    yield opener
    for session in opened:
        session.close()


@pytest.fixture
async def ours(path: Address) -> AsyncIterator[OpenOurs]:
    """Opens sessions of our class."""
    opened = []

    def opener(name: str = "talk", **options: Any) -> Session:
        address = options.pop("db_path", path)
        opened.append(open_session(address, name, **{"create_tables": True, **options}))
        return opened[-1]

    yield opener
    for session in opened:
        await session.close()


@pytest.fixture
async def consistent(path: Address) -> AsyncIterator[None]:
    """Holds what a test leaves in our file to the check that users have."""
    yield
    async with ConversationStore(path) as store:
        assert await store.check() == []
