"""A disk that is full: reads go on, nothing is lost, and writing goes on once there is space."""

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from pathlib import Path

import pytest

from convo import AdvancedSQLiteSession, ConversationStore
from convo.errors import DatabaseFullError
from tests.core.talk import rows, turn, user

IS_ROOT = os.getuid() == 0


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system of two megabytes; only root may mount one."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path) -> Path:
    """Take all the space that is left."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            while True:
                try:
                    file.write(b"\0" * size)
                except OSError:
                    break
    return path


@asynccontextmanager
async def full(session: AdvancedSQLiteSession, path: Path) -> AsyncIterator[None]:
    """No space for the file: on a full disk or, where none may be mounted, by its own bound."""
    if IS_ROOT:
        filler = fill(path.parent)
        yield
        filler.unlink()
        return
    (pages,) = rows(path, "PRAGMA page_count")[0]
    link = session._file._database()._link("writes")
    for bound in (pages, 2**30):
        await link.run(lambda file, most=bound: file.execute(f"PRAGMA max_page_count = {most}"))
        if bound == pages:
            yield


async def test_a_full_disk(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    with small_disk(tmp_path) if IS_ROOT else nullcontext():
        async with AdvancedSQLiteSession(
            session_id="talk", db_path=path, create_tables=True
        ) as session:
            await session.add_items(turn("kept"))
            async with full(session, path):
                for _ in range(3):
                    with pytest.raises(DatabaseFullError, match="nothing of this was stored"):
                        await session.add_items([user("x" * 50_000)])
                    assert await session.get_items() == turn("kept")
            await session.add_items(turn("after"))
            assert await session.get_items() == turn("kept") + turn("after")
        async with ConversationStore(path) as store:
            assert await store.check() == []
