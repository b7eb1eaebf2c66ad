"""A database for the tests of importing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from convo import ConversationStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "c.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[ConversationStore]:
    async with ConversationStore(path, create=True) as opened:
        yield opened
