from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from agents import Runner

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


@pytest.fixture(params=["run", "streamed"])
async def answered(request: pytest.FixtureRequest) -> Any:
    """Runs an agent, streamed and not."""

    async def run(*args: Any, **options: Any) -> Any:
        if request.param == "run":
            return await Runner.run(*args, **options)
        result = Runner.run_streamed(*args, **options)
        async for _ in result.stream_events():
            pass
        return result

    return run
