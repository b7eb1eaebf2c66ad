"""Where tests that do not ask for power failures put their databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

_IN_MEMORY = Path("/dev/shm")


@contextmanager
def quick_database() -> Iterator[Path]:
    """A database that is not there yet, in memory where that can be, for commits that are quick."""
    folder = _IN_MEMORY if _IN_MEMORY.is_dir() else None
    with TemporaryDirectory(dir=folder, prefix="convo-") as name:
        yield Path(name) / "conversations.db"
