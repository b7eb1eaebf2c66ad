"""Locks on a database, held by another process."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=20)
for statement in sys.argv[2:]:
    connection.execute(statement).fetchall()
print("held", flush=True)
sys.stdin.read()
connection.close()
"""

WRITE_LOCK = ("BEGIN IMMEDIATE",)
EXCLUSIVE_WITH_LOG = (
    "PRAGMA locking_mode = EXCLUSIVE",
    "BEGIN IMMEDIATE",
    "CREATE TABLE IF NOT EXISTS held (since)",
    "COMMIT",
)
EXCLUSIVE_WITH_JOURNAL = ("PRAGMA journal_mode = DELETE", "BEGIN EXCLUSIVE")


class Lock:
    """A lock that is held."""

    def __init__(self, holder: subprocess.Popen[bytes]) -> None:
        self._holder = holder

    def kill(self) -> None:
        """End the holder in the middle of what it does."""
        self._holder.kill()

    @staticmethod
    async def is_waited_for(waiting: "asyncio.Task[Any]") -> None:
        """Return when `waiting` is well under way and not done, as a waiting task is."""
        for _ in range(5):
            await asyncio.sleep(0.01)
        assert not waiting.done()


@contextmanager
def locked(path: Path, *statements: str) -> Iterator[Lock]:
    """The file as another process holds it that has executed these statements."""
    process = subprocess.Popen(
        [sys.executable, "-S", "-E", "-c", _HOLDER, path, *statements],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield Lock(process)
        process.stdin.close()


@contextmanager
def write_lock(path: Path) -> Iterator[Lock]:
    """Somebody is in the middle of a write."""
    with locked(path, *WRITE_LOCK) as lock:
        yield lock
