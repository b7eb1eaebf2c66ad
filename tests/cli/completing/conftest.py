"""A machine with everything that can be completed."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from convo import ConversationStore
from convo.pending.pending import AskedTurn, Progress

CONFIG = """\
model = "fast"
theme = "dark"
[aliases]
fast = "openai/gpt-5-mini"
[servers.local]
url = "http://127.0.0.1:1/v1"
[templates.brief]
prompt = "Say $what in $lang"
[mcp.files]
command = "server"
"""


async def _lose_and_wait(path: Path) -> None:
    """Delete a branch of `paris`, and let a prompt wait."""
    async with ConversationStore(path) as store:
        await store.branch("paris", "main", turn=3, name="lost", expected="tourism")
        await store.switch("paris", "tourism", expected="lost")
        await store.delete_branches("paris", ["lost"])
        await store.tag("paris", "main", "plan", 3)
        await store.start_session("gone")
        await store.delete_session("gone")
        await store.use_session("paris", expected="paris")
        question = [{"role": "user", "content": "Why not?"}]
        pending = await store.begin_turn(AskedTurn("paris", "main", question))
        await store.end_pending("paris", pending, "failed", Progress(()), message="no answer")


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory, conversations: Path) -> Path:
    """A database with a removed branch and a waiting prompt too."""
    path = tmp_path_factory.mktemp("everything") / "c.db"
    shutil.copy(conversations, path)
    asyncio.run(_lose_and_wait(path))
    return path


@pytest.fixture
def machine(everything: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a database and a configuration, which the environment names."""
    shutil.copy(everything, tmp_path / "c.db")
    (tmp_path / "config.toml").write_text(CONFIG)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CONVO_DB", str(tmp_path / "c.db"))
    monkeypatch.setenv("CONVO_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.delenv("CONVO_SESSION", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path
