"""Files from before a table of ours had all its columns."""

import asyncio
from pathlib import Path

import pytest

from convo import ConversationStore
from convo.records import SessionModel
from tests.core.addresses import execute, rows
from tests.core.better_than_sdk.trouble import read_only
from tests.core.talk import run, turn

OLD = """
    CREATE TABLE convo_sessions (
        session_id TEXT PRIMARY KEY, branch_id TEXT NOT NULL DEFAULT 'main',
        previous_branch_id TEXT, model TEXT, base_url TEXT, api TEXT
    ) WITHOUT ROWID"""


async def record(path: Path, question: str, **asked: str | bool) -> None:
    async with ConversationStore(path, create=True) as store:
        if (await store.head()).session_id is None:
            await store.start_session("talk")
        await store.record_turn("talk", "main", turn(question), run()._replace(**asked))


async def recorded(path: Path) -> SessionModel:
    async with ConversationStore(path) as store:
        assert (await store.session_head("talk")).branch_id == "main"
        return await store.session_model("talk")


@pytest.fixture
async def old(path: Path) -> Path:
    """A file as it was made before sessions knew their agent."""
    await record(path, "one")
    execute(path, "ALTER TABLE convo_sessions RENAME TO newer")
    execute(path, OLD)
    execute(
        path, "INSERT INTO convo_sessions (session_id, model) SELECT session_id, model FROM newer"
    )
    execute(path, "DROP TABLE newer")
    path.parent.chmod(0o755)
    return path


async def test_the_agent_of_the_last_turn_is_remembered(path: Path) -> None:
    await record(path, "one", agent="/a/triage.py:agent", model_chosen=True)
    assert await recorded(path) == SessionModel("m", None, None, "/a/triage.py:agent", True)
    await record(path, "two")
    assert await recorded(path) == SessionModel("m")


async def test_an_old_table_gains_its_columns_and_keeps_its_rows(old: Path) -> None:
    assert await recorded(old) == SessionModel("m")
    await record(old, "two", agent="desk:agent")
    assert (await recorded(old)).agent == "desk:agent"
    columns = rows(old, "SELECT name FROM pragma_table_info('convo_sessions')")
    assert {("context",), ("mcp",), ("template",), ("template_values",)} <= set(columns)


async def test_one_missing_column_of_two(old: Path) -> None:
    execute(old, "ALTER TABLE convo_sessions ADD COLUMN agent TEXT")
    await record(old, "two", model_chosen=True)
    assert (await recorded(old)).model_chosen


async def test_an_old_file_that_cannot_be_written_is_read(old: Path) -> None:
    execute(old, "PRAGMA journal_mode = DELETE")
    with read_only(old, old.parent):
        assert await recorded(old) == SessionModel("m")
        async with ConversationStore(old) as store:
            (info,) = await store.sessions()
            assert info.model == "m"
    assert len(rows(old, "SELECT name FROM pragma_table_info('convo_sessions')")) == 6


async def test_plain_rows_in_an_old_file_that_cannot_be_written(old: Path) -> None:
    execute(
        old,
        "INSERT INTO agent_messages (session_id, message_data) VALUES"
        """ ('talk', '{"role": "user", "content": "two"}')""",
    )
    execute(old, "PRAGMA journal_mode = DELETE")
    with read_only(old, old.parent):
        async with ConversationStore(old) as store:
            assert [info.text for info in await store.turns("talk", "main")] == ["one", "two"]
            assert (await store.session_model("talk")).model == "m"


async def test_many_open_an_old_file_at_once(old: Path) -> None:
    await asyncio.gather(*(record(old, f"turn {n}", agent="a:b") for n in range(4)))
    assert (await recorded(old)).agent == "a:b"
