"""Row 12: what can be read is read where nothing can be written, and a write says what is wrong."""

import sqlite3
from pathlib import Path

import pytest
from agents.memory import SQLiteSession

from convo import ConversationStore
from convo.errors import DatabaseFullError, ReadOnlyDatabaseError
from tests.core.addresses import rows
from tests.core.better_than_sdk.openers import OpenOurs, OpenTheirs
from tests.core.better_than_sdk.trouble import locked, no_space, read_only
from tests.core.better_than_sdk.working import totals
from tests.core.talk import result, texts, turn

pytestmark = pytest.mark.sqlite_only("it is about files that nobody may write")

SAID = turn("a") + turn("b")


@pytest.fixture
def file(folder: Path) -> Path:
    """A file in a folder of its own, which anybody may look into."""
    folder.chmod(0o755)
    inner = folder / "inner"
    inner.mkdir(mode=0o777)
    inner.chmod(0o777)
    return inner / "talk.db"


async def write(opened: OpenOurs | OpenTheirs, file: Path) -> None:
    session = opened(db_path=file)
    await session.add_items(SAID)
    await session.create_branch_from_turn(2, "fork")
    closing = session.close()
    if closing is not None:
        await closing


@pytest.mark.parametrize("what", ["file", "folder", "both"])
async def test_what_is_read_only_can_be_read(
    theirs: OpenTheirs, ours: OpenOurs, file: Path, what: str
) -> None:
    await write(theirs, file)
    places = {"file": [file], "folder": [file.parent], "both": [file, file.parent]}[what]
    file.chmod(0o666)
    with read_only(*places):
        with pytest.raises(sqlite3.OperationalError, match=r"readonly|unable to open"):
            theirs(db_path=file)
        # The file was written by the SDK alone: it does not even have all tables.
        session = ours(db_path=file)
        assert await session.get_items() == SAID
        assert await session.get_items(branch_id="fork") == turn("a")
        assert [b["branch_id"] for b in await session.list_branches()] == ["main", "fork"]
        with pytest.raises(ReadOnlyDatabaseError, match=f"{file} is read-only"):
            await session.add_items(turn("c"))
        await session.close()
    assert await ours(db_path=file).get_items() == SAID


async def test_a_file_of_ours_that_is_read_only_can_be_read(
    theirs: OpenTheirs, ours: OpenOurs, file: Path
) -> None:
    await write(ours, file)
    with read_only(file, file.parent):
        with pytest.raises(sqlite3.OperationalError):
            theirs(db_path=file)
        session = ours(db_path=file)
        assert await session.get_items() == SAID
        await session.switch_to_branch("fork")
        assert [t["content"] for t in await session.get_conversation_turns()] == ["a"]
        with pytest.raises(ReadOnlyDatabaseError):
            await session.delete_branch("fork", force=True)
        assert await session.get_items() == turn("a")
        await session.close()


async def test_a_plain_file_that_is_read_only_can_be_read(
    theirs: OpenTheirs, ours: OpenOurs, file: Path
) -> None:
    """What has no structure in the file yet is given it for the reading alone."""
    plain = SQLiteSession("talk", file)
    await plain.add_items(SAID)
    plain.close()
    before = file.read_bytes()
    with read_only(file, file.parent):
        with pytest.raises(sqlite3.OperationalError):
            theirs(db_path=file)
        session = ours(db_path=file)
        assert await session.get_items() == SAID
        assert await session.get_items(limit=1) == SAID[-1:]
        assert [t["turn"] for t in await session.get_conversation_turns()] == [1, 2]
        assert [b["message_count"] for b in await session.list_branches()] == [4]
        await session.close()
        async with ConversationStore(file) as store:
            assert [info.turns for info in await store.sessions()] == [2]
    assert file.read_bytes() == before


@pytest.mark.parametrize("trouble", ["read-only", "locked"])
async def test_plain_rows_between_others_are_read_where_nothing_can_be_written(
    theirs: OpenTheirs, ours: OpenOurs, file: Path, trouble: str
) -> None:
    """The SDK's class has them nowhere, as row 1 says, whether it can write or not."""
    blind = theirs(db_path=file)
    plain = SQLiteSession("talk", file)
    await plain.add_items(turn("plain"))
    await blind.add_items(turn("a"))
    await blind.store_run_usage(result(110))
    await blind.create_branch_from_turn(1, "fork")
    await plain.add_items(turn("z"))
    assert texts(await blind.get_items(branch_id="main")) == ["a", "About a"]
    plain.close()
    blind.close()

    with read_only(file, file.parent) if trouble == "read-only" else locked(file):
        session = ours(db_path=file, lock_timeout=0.05)
        assert await session.get_items() == turn("plain") + turn("a") + turn("z")
        assert await totals(session) == {2: 110}
        async with ConversationStore(file, lock_timeout=0.05) as store:
            assert [t.text for t in await store.turns("talk", "main")] == ["plain", "a", "z"]
            assert (await store.usage("talk", by="turn"))[0].turn == 2
    assert await session.get_items() == turn("plain") + turn("a") + turn("z")
    assert rows(file, "SELECT count(*) FROM message_structure WHERE branch_id = 'main'") == [(6,)]


async def test_what_is_on_a_full_disk_can_be_read(
    theirs: OpenTheirs, ours: OpenOurs, file: Path
) -> None:
    await write(ours, file)
    before = file.read_bytes()
    with no_space():
        with pytest.raises(sqlite3.OperationalError):
            theirs(db_path=file)
        session = ours(db_path=file)
        assert await session.get_items() == SAID
        assert len(await session.list_branches()) == 2
        with pytest.raises(DatabaseFullError, match=f"no space is left for the database {file}"):
            await session.add_items(turn("c"))
        assert await session.get_items() == SAID
        await session.close()
    assert file.read_bytes() == before


async def test_a_session_goes_on_when_there_is_space_again(
    theirs: OpenTheirs, ours: OpenOurs, file: Path
) -> None:
    """One of the SDK's class that is open can do so too; it cannot be opened meanwhile."""
    await write(ours, file)
    with no_space():
        with pytest.raises(sqlite3.OperationalError):
            theirs(db_path=file)
        session = ours(db_path=file)
        assert await session.get_items() == SAID
        with pytest.raises(DatabaseFullError):
            await session.add_items(turn("c"))
    await session.add_items(turn("c"))
    assert await session.get_items() == SAID + turn("c")
    assert await ours(db_path=file).get_items() == SAID + turn("c")
    assert rows(file, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("complete", [True, False])
async def test_what_others_write_later_is_seen(
    theirs: OpenTheirs, ours: OpenOurs, file: Path, complete: bool
) -> None:
    """A file that cannot be written is read as it stands, but not for ever so."""
    await write(ours if complete else theirs, file)
    with read_only(file, file.parent):
        with pytest.raises(sqlite3.OperationalError):
            theirs(db_path=file)
        session = ours(db_path=file)
        assert await session.get_items() == SAID
    writer = theirs(db_path=file)
    await writer.add_items(turn("c"))
    assert await session.get_items() == SAID + turn("c")
    await writer.create_branch_from_turn(3, "later")
    assert [b["branch_id"] for b in await session.list_branches()] == ["main", "fork", "later"]
