from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from convo import AdvancedSQLiteSession, ConversationStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "conversations.db"


@pytest.fixture
async def session(path: Path) -> AsyncIterator[AdvancedSQLiteSession]:
    async with AdvancedSQLiteSession(session_id="talk", db_path=path, create_tables=True) as opened:
        yield opened


@pytest.fixture
async def store(path: Path) -> AsyncIterator[ConversationStore]:
    async with ConversationStore(path, create=True) as opened:
        yield opened
