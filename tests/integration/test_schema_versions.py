"""Files of other releases: older ones are completed in one transaction, newer ones only read."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from convo import AdvancedSQLiteSession, ConversationStore
from convo.errors import NewerDatabaseError
from convo.storage.schema_version import VERSION
from tests.core.addresses import execute, rows
from tests.core.better_than_sdk.trouble import read_only
from tests.core.talk import run, turn
from tests.program import Program

OLD = Path(__file__).with_name("file_of_3d34544.sql")
"""A file as the commit 3d34544 made it, as SQL: two sessions, a fork, usage, a plain row."""


def schema_of(path: Path) -> dict[str, str]:
    found = rows(path, "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: text for name, text in found if not name.startswith("sqlite_")}


@pytest.fixture
def old(path: Path) -> Path:
    path.parent.chmod(0o755)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(OLD.read_text())
    return path


async def new_file(path: Path) -> Path:
    async with ConversationStore(path, create=True) as store:
        await store.start_session("talk")
        await store.record_turn("talk", "main", turn("one"), run())
    return path


async def assert_all_there(path: Path) -> None:
    async with ConversationStore(path) as store:
        assert [info.text for info in await store.turns("talk", "main")] == ["a", "b", "c"]
        assert [info.text for info in await store.turns("talk", "fork")] == ["a", "d"]
        assert [info.text for info in await store.turns("other", "main")] == ["x", "plain"]
        assert sum(row.tokens.total_tokens for row in await store.usage("talk")) == 60


async def test_an_old_file_opens_and_is_complete(old: Path, tmp_path: Path) -> None:
    await assert_all_there(old)
    async with ConversationStore(old) as store:
        assert await store.check() == []
    new = schema_of(await new_file(tmp_path / "new.db"))
    assert schema_of(old).keys() == new.keys()
    for name in new:
        columns = f"SELECT name, type FROM pragma_table_info('{name}') ORDER BY 1"
        assert rows(old, columns) == rows(tmp_path / "new.db", columns), name
    assert rows(old, "SELECT version FROM convo_schema") == [(VERSION,)]


async def test_an_old_file_that_cannot_be_written_is_read_whole(old: Path) -> None:
    with read_only(old, old.parent):
        await assert_all_there(old)
    assert "convo_schema" not in schema_of(old)


async def test_a_file_is_completed_at_once_or_not_at_all(old: Path) -> None:
    before = schema_of(old)
    # The last thing to be made cannot be: a table of somebody else has its name.
    execute(old, "CREATE TABLE convo_held_again (x)")
    program = Program(old.parent, {"CONVO_DB": str(old)})
    assert program("undo").code == 6
    assert schema_of(old).keys() == before.keys() | {"convo_held_again"}


async def test_an_index_of_ours_with_other_columns_is_made_again(path: Path) -> None:
    await new_file(path)
    text = schema_of(path)["convo_runs_of_turn"]
    execute(path, "DROP INDEX convo_runs_of_turn")
    execute(path, "CREATE INDEX convo_runs_of_turn ON convo_runs (model)")
    async with ConversationStore(path) as store:
        await store.usage("talk")
    assert schema_of(path)["convo_runs_of_turn"] == text


async def test_a_view_of_an_older_release_says_nothing_any_more(old: Path) -> None:
    execute(old, "DROP VIEW convo_foreign_usage")
    execute(old, "CREATE VIEW convo_foreign_usage AS SELECT 'talk' AS session_id, 9 AS requests")
    await assert_all_there(old)
    assert "convo_foreign_usage" not in schema_of(old)


async def test_a_newer_file_is_read_but_not_written(path: Path) -> None:
    await new_file(path)
    execute(path, f"UPDATE convo_schema SET version = {VERSION + 1}")
    execute(
        path,
        "INSERT INTO agent_messages (session_id, message_data) VALUES"
        """ ('talk', '{"role": "user", "content": "plain"}')""",
    )
    before = path.read_bytes()
    async with ConversationStore(path) as store:
        assert [info.text for info in await store.turns("talk", "main")] == ["one", "plain"]
        assert [found.text for found in await store.search("plain")] == ["plain"]
        with pytest.raises(NewerDatabaseError, match=r"newer convo .* needs convo 0\.1\.0"):
            await store.record_turn("talk", "main", turn("two"), run())
    assert path.read_bytes() == before


async def test_the_program_says_that_a_file_is_newer(path: Path) -> None:
    await new_file(path)
    execute(path, f"UPDATE convo_schema SET version = {VERSION + 1}")
    program = Program(path.parent, {"CONVO_DB": str(path)})
    assert program("turns").code == 0
    assert "was written by a newer convo" in program("undo").error(6)
    asked = program("chat", "hi")
    assert asked.code == 6
    assert "was written by a newer convo" in asked.err


async def test_a_session_that_is_open_notices_a_newer_release(path: Path) -> None:
    await new_file(path)
    async with AdvancedSQLiteSession(session_id="talk", db_path=path) as session:
        await session.add_items(turn("two"))
        execute(path, "ALTER TABLE convo_runs ADD COLUMN later TEXT")
        execute(path, f"UPDATE convo_schema SET version = {VERSION + 1}")
        with pytest.raises(NewerDatabaseError):
            await session.add_items(turn("three"))
        assert len(await session.get_items()) == 4


@pytest.mark.parametrize("version", ["NULL", "'x'", "x'00'", "-1", "0"])
async def test_a_version_that_is_none(path: Path, version: str) -> None:
    await new_file(path)
    execute(path, "DROP TABLE convo_schema")
    execute(path, "CREATE TABLE convo_schema (id INTEGER PRIMARY KEY, version)")
    execute(path, f"INSERT INTO convo_schema VALUES (1, {version})")
    async with ConversationStore(path) as store:
        await store.record_turn("talk", "main", turn("two"), run())
    assert rows(path, "SELECT version FROM convo_schema") == [(VERSION,)]
