from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.folders import quick_database


@pytest.fixture
def path() -> Iterator[Path]:
    """A database that is not there yet, where a commit is quick."""
    with quick_database() as path:
        yield path
