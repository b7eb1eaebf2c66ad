from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

_IN_MEMORY = Path("/dev/shm")


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """A database that is not there yet, where a commit is quick: power failures are not tested."""
    if not _IN_MEMORY.is_dir():
        yield tmp_path / "conversations.db"
        return
    with TemporaryDirectory(dir=_IN_MEMORY, prefix="convo-") as folder:
        yield Path(folder) / "conversations.db"
