"""Files that lost a part of themselves: a clear error, and nothing more is lost."""

from pathlib import Path

import pytest

from convo import AdvancedSQLiteSession, ConversationStore
from convo.errors import DamagedDatabaseError, DatabaseError
from tests.core.talk import execute, turn
from tests.integration.folders import quick_database


async def talked(path: Path) -> int:
    """A conversation that is wholly in the file, and not in its log; how large the file is."""
    async with AdvancedSQLiteSession(
        session_id="talk", db_path=path, create_tables=True
    ) as session:
        for number in range(50):
            await session.add_items(turn(f"{number} " + "x" * 2000))
    execute(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size


@pytest.mark.parametrize("kept", [0.9, 0.5, 0.1])
async def test_a_truncated_file(kept: float) -> None:
    with quick_database() as path:
        size = await talked(path)
        left = int(size * kept)
        with path.open("r+b") as file:
            file.truncate(left)
        before = path.read_bytes()
        with pytest.raises(DatabaseError) as raised:
            async with AdvancedSQLiteSession(session_id="talk", db_path=path) as session:
                await session.add_items(turn("more"))
        assert isinstance(raised.value, DamagedDatabaseError)
        assert str(path) in str(raised.value)
        assert path.read_bytes() == before


async def test_a_file_that_is_cut_within_its_first_page() -> None:
    with quick_database() as path:
        await talked(path)
        with path.open("r+b") as file:
            file.truncate(100)
        with pytest.raises(DamagedDatabaseError):
            async with ConversationStore(path) as store:
                await store.sessions()
