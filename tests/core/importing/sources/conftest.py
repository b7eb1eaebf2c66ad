"""Reading a source has nothing to do with the engine: a file is enough."""

from pathlib import Path

import pytest


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "c.db"
