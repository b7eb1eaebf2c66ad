"""What `undo` and `delete` take, and `restore` brings back."""

import sqlite3
from typing import Any

import pytest
from agents.extensions.memory import AdvancedSQLiteSession as TheirSession

from convo import ConversationStore
from convo.errors import (
    BranchDeletedError,
    BranchNotFoundError,
    DatabaseLockedError,
    NameTakenError,
    NothingToRestoreError,
    ProtectedBranchError,
    SessionNotFoundError,
    TurnNotFoundError,
)
from tests.core.addresses import Address, contents, execute, open_session, rows, tables
from tests.core.talk import result, run, texts, turn, user

TABLES = ("agent_messages", "message_structure", "turn_usage", "convo_branches", "convo_runs")


@pytest.fixture
async def talk(store: ConversationStore) -> ConversationStore:
    """Three turns on main; `fork` shares the first and has one of its own."""
    await store.start_session("talk")
    for question in ("one", "two", "three"):
        await store.record_turn("talk", "main", turn(question), run())
    await store.branch("talk", "main", turn=2, name="fork", expected="main")
    await store.record_turn("talk", "fork", turn("other"), run(30))
    await store.switch("talk", "main", expected="fork")
    return store


async def asked(store: ConversationStore, branch: str = "main") -> list[str]:
    return [info.text for info in await store.turns("talk", branch)]


async def everything(store: ConversationStore) -> list[Any]:
    """All that there is of a session, by every way to look at it."""
    names = [info.branch_id for info in await store.branches("talk")]
    session = store.session("talk")
    return [
        await store.branches("talk"),
        await store.usage("talk", by="turn"),
        [await store.turns("talk", name) for name in names],
        [await session.get_items(branch_id=name) for name in names],
        [await session.get_turn_usage(branch_id=name) for name in names],
        [await session.get_conversation_turns(branch_id=name) for name in names],
        await session.list_branches(),
        await session.get_session_usage(),
    ]


def stored(path: Address) -> dict[str, list[Any]]:
    return {table: rows(path, f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES}


async def total(store: ConversationStore) -> int:
    (row,) = await store.usage("talk")
    return row.tokens.total_tokens


async def test_the_last_turn_is_taken_back(talk: ConversationStore) -> None:
    taken = await talk.undo("talk", "main")
    assert (taken.what, taken.branch_id, taken.text) == ("turns", "main", "three")
    assert (taken.first_turn, taken.last_turn, taken.turns) == (3, 3, 1)
    assert await asked(talk) == ["one", "two"]
    assert await total(talk) == 75


async def test_more_turns_than_there_are(talk: ConversationStore) -> None:
    with pytest.raises(TurnNotFoundError, match="'main' has only 3 turns to take back, not 4"):
        await talk.undo("talk", "main", 4)
    await talk.undo("talk", "main", 2)
    with pytest.raises(TurnNotFoundError, match="'main' has only 1 turn to take back, not 2"):
        await talk.undo("talk", "main", 2)
    await talk.undo("talk", "main")
    with pytest.raises(TurnNotFoundError, match="'main' has no turns to take back"):
        await talk.undo("talk", "main")
    with pytest.raises(ValueError, match="at least 1"):
        await talk.undo("talk", "main", 0)


async def test_a_branch_without_its_first_turn_is_there(talk: ConversationStore) -> None:
    await talk.undo("talk", "fork", 2)
    assert [info.branch_id for info in await talk.branches("talk")] == ["main", "fork"]
    assert await asked(talk, "fork") == []
    assert await asked(talk) == ["one", "two", "three"]
    assert await talk.check() == []


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("branch", ["main", "fork"])
async def test_what_was_undone_comes_back_as_it_was(
    talk: ConversationStore, path: Address, branch: str, count: int
) -> None:
    before, tables = await everything(talk), stored(path)
    await talk.undo("talk", branch, min(count, 2 if branch == "fork" else 3))
    assert await everything(talk) != before
    (restored,) = await talk.restore("talk")
    assert (restored.branch_id, restored.lost_items) == (branch, 0)
    assert await everything(talk) == before
    assert stored(path) == tables
    assert await talk.check() == []


async def test_a_deleted_branch_comes_back_as_it_was(
    talk: ConversationStore, path: Address
) -> None:
    before, tables = await everything(talk), stored(path)
    await talk.delete_branches("talk", ["fork"])
    assert await total(talk) == 75
    (taken,) = await talk.removed("talk")
    assert (taken.what, taken.branch_id, taken.turns, taken.text) == ("branch", "fork", 2, "other")
    await talk.restore("talk")
    assert await everything(talk) == before
    assert stored(path) == tables
    assert await talk.removed("talk") == []
    assert rows(path, "SELECT * FROM convo_removed_messages") == []


@pytest.mark.sqlite_only("the SDK's class with branches has files only")
async def test_the_usage_that_the_sdk_stored_comes_back_and_counts_once(
    talk: ConversationStore, path: Address
) -> None:
    theirs = TheirSession(session_id="talk", db_path=path)
    await theirs.add_items(turn("four"))
    await theirs.store_run_usage(result(100))
    theirs.close()
    before = await talk.session("talk").get_turn_usage()
    assert await total(talk) == 175
    await talk.undo("talk", "main")
    assert await total(talk) == 175
    await talk.restore("talk")
    assert await total(talk) == 175
    assert await talk.session("talk").get_turn_usage() == before


async def test_restoring_goes_on_backwards(talk: ConversationStore) -> None:
    await talk.undo("talk", "main")
    await talk.undo("talk", "fork")
    await talk.delete_branches("talk", ["fork"])
    await talk.undo("talk", "main")
    found = [(entry.what, entry.branch_id) for entry in await talk.removed("talk")]
    assert found == [("turns", "main"), ("branch", "fork"), ("turns", "fork"), ("turns", "main")]
    for what in found:
        (restored,) = await talk.restore("talk")
        assert (restored.removed.what, restored.branch_id) == what
    assert await asked(talk) == ["one", "two", "three"]
    assert await asked(talk, "fork") == ["one", "other"]
    with pytest.raises(NothingToRestoreError, match="there is nothing to restore"):
        await talk.restore("talk")


async def test_what_one_command_deleted_comes_back_at_once(talk: ConversationStore) -> None:
    await talk.branch("talk", "fork", after=2, name="twig", expected=None)
    before = await everything(talk)
    await talk.delete_branches("talk", ["fork", "twig"])
    assert [one.branch_id for one in await talk.restore("talk")] == ["fork", "twig"]
    assert await everything(talk) == before


async def test_what_was_taken_of_one_branch(talk: ConversationStore) -> None:
    await talk.delete_branches("talk", ["fork"])
    await talk.undo("talk", "main")
    await talk.restore("talk", "fork")
    assert await asked(talk, "fork") == ["one", "other"]
    assert await asked(talk) == ["one", "two"]
    with pytest.raises(NothingToRestoreError, match="restore on branch 'mian'") as raised:
        await talk.restore("talk", "mian")
    assert raised.value.hint == "did you mean 'main'?"


async def test_a_branch_that_went_on_keeps_what_it_says(talk: ConversationStore) -> None:
    await talk.undo("talk", "main", 2)
    await talk.record_turn("talk", "main", turn("new"), run())
    (restored,) = await talk.restore("talk")
    assert restored.branch_id == "main-restored"
    assert restored.is_elsewhere
    assert await asked(talk) == ["one", "new"]
    assert await asked(talk, "main-restored") == ["one", "two", "three"]
    assert [info.tokens.total_tokens for info in await talk.branches("talk")] == [30, 30, 30]
    assert await talk.check() == []
    assert await total(talk) == 90


async def test_turns_go_where_the_turn_before_them_is(talk: ConversationStore) -> None:
    await talk.undo("talk", "main")
    await talk.undo("talk", "main")
    await talk.record_turn("talk", "main", turn("new"), run())
    assert [one.branch_id for one in await talk.restore("talk")] == ["main-restored"]
    assert [one.branch_id for one in await talk.restore("talk")] == ["main-restored"]
    assert await asked(talk, "main-restored") == ["one", "two", "three"]
    assert await asked(talk) == ["one", "new"]
    assert await talk.check() == []


async def test_turns_of_a_branch_that_the_library_deleted(talk: ConversationStore) -> None:
    await talk.undo("talk", "fork")
    await talk.session("talk").delete_branch("fork")
    (restored,) = await talk.restore("talk")
    assert restored.branch_id == "fork-restored"
    assert await asked(talk, "fork-restored") == ["other"]
    assert await talk.check() == []
    assert await total(talk) == 75


async def test_turns_whose_turn_before_was_popped(talk: ConversationStore) -> None:
    await talk.undo("talk", "main")
    session = talk.session("talk")
    await session.pop_item()
    await session.pop_item()
    await talk.restore("talk")
    assert await asked(talk) == ["one", "three"]
    assert [info.turn for info in await talk.turns("talk", "main")] == [1, 2]
    assert (await talk.usage("talk", by="turn"))[-2].text == "three"
    assert await talk.check() == []


@pytest.mark.sqlite_only("the SDK's class with branches has files only")
async def test_a_name_that_the_sdk_brought_back(talk: ConversationStore, path: Address) -> None:
    theirs = TheirSession(session_id="talk", db_path=path)
    await theirs.switch_to_branch("fork")
    await talk.delete_branches("talk", ["fork"])
    await theirs.add_items(turn("late"))
    theirs.close()
    (restored,) = await talk.restore("talk")
    assert restored.branch_id == "fork-restored"
    assert await asked(talk, "fork-restored") == ["one", "other"]
    assert await asked(talk, "fork") == ["late"]
    assert await total(talk) == 75
    assert await talk.check() == []


async def test_shared_messages_outlive_what_the_library_deletes(talk: ConversationStore) -> None:
    await talk.branch("talk", "fork", after=2, name="twig", expected=None)
    await talk.delete_branches("talk", ["twig"])
    await talk.undo("talk", "main", 3)
    session = talk.session("talk", "fork")
    while await session.pop_item():
        pass
    await session.delete_branch("fork", force=True)
    (restored,) = await talk.restore("talk", "twig")
    assert restored.lost_items == 0
    assert texts(await talk.history("talk", "twig")) == ["one", "About one", "other", "About other"]


@pytest.mark.sqlite_only("the SDK's class with branches has files only")
async def test_shared_messages_that_the_sdk_deleted_are_said_to_be_lost(
    talk: ConversationStore, path: Address
) -> None:
    await talk.branch("talk", "fork", after=2, name="twig", expected=None)
    await talk.delete_branches("talk", ["twig"])
    theirs = TheirSession(session_id="talk", db_path=path)
    await theirs.delete_branch("fork")
    theirs.close()
    (restored,) = await talk.restore("talk")
    assert (restored.branch_id, restored.lost_items) == ("twig", 2)
    assert await asked(talk, "twig") == ["one"]
    assert await talk.check() == []


async def test_an_empty_branch_is_deleted_and_restored(talk: ConversationStore) -> None:
    await talk.branch("talk", "main", turn=1, name="empty", expected=None)
    before = await everything(talk)
    await talk.delete_branches("talk", ["empty"])
    (taken,) = await talk.removed("talk")
    assert (taken.first_turn, taken.turns, taken.text) == (None, 0, "")
    await talk.restore("talk")
    assert await everything(talk) == before


async def test_a_branch_outlives_its_parent(talk: ConversationStore) -> None:
    await talk.branch("talk", "fork", after=2, name="twig", expected=None)
    await talk.delete_branches("talk", ["twig"])
    await talk.session("talk").delete_branch("fork")
    await talk.restore("talk")
    assert await asked(talk, "twig") == ["one", "other"]


async def test_an_undone_turn_in_the_midst_of_answers_to_others(
    talk: ConversationStore, path: Address
) -> None:
    session = talk.session("talk")
    await session.add_items([user("four"), user("five"), *turn("x")[1:]])
    execute(
        path,
        "UPDATE message_structure SET user_turn_number = 4, branch_turn_number = 4"
        " WHERE id = (SELECT max(id) FROM message_structure)",
    )
    before = await everything(talk)
    await talk.undo("talk", "main")
    await talk.restore("talk")
    assert await everything(talk) == before


async def test_a_clear_is_for_good(talk: ConversationStore, path: Address) -> None:
    await talk.undo("talk", "main")
    await talk.delete_branches("talk", ["fork"])
    async with open_session(path) as session:
        await session.clear_session()
        await session.add_items(turn("again"))
    await cleared_for_good(talk, path)


@pytest.mark.sqlite_only("the SDK's class with branches has files only")
async def test_a_clear_by_the_sdk_is_for_good(talk: ConversationStore, path: Address) -> None:
    await talk.undo("talk", "main")
    await talk.delete_branches("talk", ["fork"])
    session = TheirSession(session_id="talk", db_path=path)
    await session.clear_session()
    await session.add_items(turn("again"))  # type: ignore[arg-type]
    session.close()
    await cleared_for_good(talk, path)


async def cleared_for_good(talk: ConversationStore, path: Address) -> None:
    assert await talk.removed("talk") == []
    with pytest.raises(NothingToRestoreError):
        await talk.restore("talk")
    assert await talk.check() == []
    await talk.purge_removed()
    assert rows(path, "SELECT count(*) FROM convo_removed_messages") == [(0,)]


async def test_a_purged_session_takes_along_what_was_taken_off_it(
    talk: ConversationStore, path: Address
) -> None:
    await talk.undo("talk", "main")
    await talk.delete_session("talk")
    assert await talk.count_removed() == 1
    assert await talk.purge_removed("talk") == 1
    assert await talk.count_removed() == 0
    assert rows(path, "SELECT count(*) FROM convo_removed_messages") == [(0,)]
    with pytest.raises(SessionNotFoundError):
        await talk.removed("talk")


async def test_a_renamed_session_keeps_what_was_taken_off_it(talk: ConversationStore) -> None:
    before = await asked(talk)
    await talk.undo("talk", "main")
    await talk.rename_session("talk", "other")
    await talk.restore("other")
    assert [info.text for info in await talk.turns("other", "main")] == before


@pytest.mark.sqlite_only("any column of a file may hold any type")
@pytest.mark.parametrize("table", ["convo_removed_rows", "convo_removed_usage"])
async def test_a_damaged_row_does_not_keep_the_others_away(
    talk: ConversationStore, path: Address, table: str
) -> None:
    await talk.undo("talk", "main", 2)
    execute(path, f"UPDATE {table} SET id = 'lost' WHERE id = (SELECT max(id) FROM {table})")
    (restored,) = await talk.restore("talk")
    assert restored.lost_items == (table == "convo_removed_rows")
    assert await asked(talk) == ["one", "two", "three"]


async def test_what_is_purged_is_gone(talk: ConversationStore, path: Address) -> None:
    await talk.undo("talk", "main")
    await talk.delete_branches("talk", ["fork"])
    assert await talk.purge_removed("another") == 0
    assert await talk.purge_removed("talk") == 2
    assert await talk.removed("talk") == []
    for table in ("convo_removed", "convo_removed_rows", "convo_removed_messages"):
        assert rows(path, f"SELECT count(*) FROM {table}") == [(0,)]
    assert await total(talk) == 75


@pytest.mark.sqlite_only("a server returns space by itself")
async def test_the_file_shrinks_by_what_is_said(talk: ConversationStore, path: Address) -> None:
    await talk.record_turn("talk", "main", turn("x" * 100_000), run())
    await talk.undo("talk", "main")
    await talk.purge_removed()
    execute(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.stat().st_size
    freed = await talk.shrink()
    assert freed > 190_000
    assert path.stat().st_size == before - freed
    assert await talk.check() == []


async def test_deleting_looks_at_all_before_it_deletes(talk: ConversationStore) -> None:
    with pytest.raises(BranchNotFoundError, match="no branch 'forc'") as raised:
        await talk.delete_branches("talk", ["fork", "forc"])
    assert raised.value.hint == "did you mean 'fork'?"
    with pytest.raises(ProtectedBranchError, match="'main' cannot be deleted: every session"):
        await talk.delete_branches("talk", ["fork", "main"])
    assert await talk.removed("talk") == []


async def test_a_renamed_branch_is_the_same_branch(talk: ConversationStore, path: Address) -> None:
    await talk.branch("talk", "fork", after=2, name="twig", expected=None)
    await talk.switch("talk", "fork", expected="main")
    before = await everything(talk)
    await talk.undo("talk", "fork")
    await talk.rename_branch("talk", "fork", "renamed")
    assert (await talk.session_head("talk")).branch_id == "renamed"
    await talk.restore("talk")
    assert repr(await everything(talk)) == repr(before).replace("'fork'", "'renamed'")
    assert await talk.check() == []


async def test_no_table_keeps_the_old_name_but_those_that_are_to_know_it(
    talk: ConversationStore, path: Address
) -> None:
    await talk.branch("talk", "fork", after=2, name="twig", expected="main")
    await talk.switch("talk", "fork", expected="twig")
    await talk.switch("talk", "twig", expected="fork")
    await talk.undo("talk", "fork")
    await talk.delete_branches("talk", ["twig"], force=True)
    await talk.rename_branch("talk", "fork", "renamed")
    naming = [name for name in tables(path) if "fork" in str(contents(path, name))]
    assert naming == ["branch_reservations", "convo_renamed_branches"]


async def test_what_a_branch_cannot_be_renamed_to(talk: ConversationStore) -> None:
    with pytest.raises(ProtectedBranchError, match="'main' cannot be renamed"):
        await talk.rename_branch("talk", "main", "trunk")
    with pytest.raises(BranchNotFoundError, match="no branch 'frok'"):
        await talk.rename_branch("talk", "frok", "new")
    for name in ("main", "fork"):
        with pytest.raises(NameTakenError, match=f"the branch name '{name}' has been used"):
            await talk.rename_branch("talk", "fork", name)
    await talk.rename_branch("talk", "fork", "new")
    with pytest.raises(NameTakenError):
        await talk.rename_branch("talk", "new", "fork")


async def test_who_stands_on_the_old_name_loses_the_branch(talk: ConversationStore) -> None:
    session = talk.session("talk", "fork")
    await session.get_items()
    await talk.rename_branch("talk", "fork", "new")
    with pytest.raises(BranchDeletedError):
        await session.add_items(turn("late"))
    assert await asked(talk, "new") == ["one", "other"]


@pytest.mark.sqlite_only("a server returns space by itself")
async def test_a_file_that_somebody_writes_to_is_not_shrunk(
    talk: ConversationStore, path: Address
) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    async with ConversationStore(path, lock_timeout=0.05) as impatient:
        with pytest.raises(DatabaseLockedError):
            await impatient.shrink()
    other.close()
    assert await talk.shrink() >= 0


@pytest.mark.sqlite_only("a server returns space by itself")
async def test_who_reads_while_the_file_shrinks_goes_on_reading(
    talk: ConversationStore, path: Address
) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN")
    before = other.execute("SELECT count(*) FROM agent_messages").fetchone()
    await talk.delete_branches("talk", ["fork"])
    await talk.purge_removed()
    await talk.shrink()
    assert other.execute("SELECT count(*) FROM agent_messages").fetchone() == before
    other.close()
    assert await talk.check() == []
