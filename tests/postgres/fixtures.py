"""A PostgreSQL server, for whoever asks for one; without one, a test is skipped and says why."""

from pathlib import Path

import pytest

from tests.postgres.binaries import NoServer
from tests.postgres.run import shared
from tests.postgres.server import Server


@pytest.fixture(scope="session")
def postgres_server(postgres_run: Path) -> Server:
    """The server that all tests of this run share. Its databases are `databases.database`'s."""
    try:
        return shared(postgres_run)
    except NoServer as reason:
        pytest.skip(str(reason))
