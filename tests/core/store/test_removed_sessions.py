"""A deleted session comes back as it was, until it is purged."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from convo import ConversationStore, Head
from convo.errors import ConvoError, NameTakenError, NothingToRestoreError, SessionNotFoundError
from convo.pending.pending import AskedTurn, Progress
from tests.core.addresses import Address, contents, execute, rows
from tests.core.talk import run, turn, user

TABLES = (
    "agent_sessions",
    "agent_messages",
    "message_structure",
    "turn_usage",
    "convo_branches",
    "convo_cut_answers",
    "convo_head",
    "convo_held_turns",
    "convo_removed_rows",
    "convo_renamed_branches",
    "convo_runs",
    "convo_sessions",
)


@pytest.fixture
async def talk(store: ConversationStore, path: Address) -> ConversationStore:
    """A session with all that one can have, and another one."""
    await store.start_session("other")
    await store.record_turn("other", "main", turn("elsewhere"), run())
    await store.start_session("talk")
    for question in ("one", "two", "three"):
        await store.record_turn("talk", "main", turn(question), run())
    await store.branch("talk", "main", turn=2, name="fork", expected="main")
    await store.record_turn("talk", "fork", turn("beside"), run(30))
    await store.branch("talk", "fork", turn=1, name="empty", expected="fork")
    await store.branch("talk", "main", turn=3, name="gone", expected="empty")
    await store.switch("talk", "fork", expected="gone")
    await store.rename_branch("talk", "empty", "void")
    await store.undo("talk", "main")
    await store.delete_branches("talk", ["gone"])
    asked = AskedTurn("talk", "main", [user("failed")])
    pending_id = await store.begin_turn(asked)
    await store.end_pending("talk", pending_id, "failed", Progress(answer="It"), message="no")
    execute(path, "INSERT INTO convo_cut_answers VALUES ('talk', 4, 'tokens')")
    return store


def stored(path: Address) -> dict[str, list[Any]]:
    found = {table: contents(path, table) for table in TABLES}
    # Each delete begins another generation of the session.
    found["convo_branches"] = [row[:5] + row[6:] for row in found["convo_branches"]]
    return found


async def test_it_comes_back_as_it_was(talk: ConversationStore, path: Address) -> None:
    await talk.delete_session("talk")
    await talk.restore_session("talk")
    before = stored(path)
    await talk.delete_session("talk")
    with pytest.raises(SessionNotFoundError):
        await talk.session_head("talk")
    assert await talk.head() == Head("other")
    assert await talk.search("beside") == []
    assert await talk.waiting_turns() == []
    assert await talk.check() == []
    restored = await talk.restore_session("talk")
    assert (restored.branch_id, restored.is_current, restored.waiting) == ("fork", True, 1)
    assert stored(path) == before
    assert await talk.check() == []


async def test_the_first_time_too(talk: ConversationStore) -> None:
    branches, removed = await talk.branches("talk"), await talk.removed("talk")
    usage, waiting = await talk.usage("talk", by="turn"), await talk.waiting_turns()
    infos = await talk.sessions()
    await talk.delete_session("talk")
    await talk.restore_session("talk")
    assert await talk.branches("talk") == branches
    assert await talk.removed("talk") == removed
    assert await talk.usage("talk", by="turn") == usage
    assert await talk.waiting_turns() == waiting
    assert await talk.sessions() == infos
    assert {hit.branch_id for hit in await talk.search("beside")} == {"fork"}
    assert [one.branch_id for one in await talk.restore("talk")] == ["gone"]


async def test_it_is_listed(talk: ConversationStore) -> None:
    await talk.delete_session("talk")
    (one,) = await talk.removed_sessions()
    assert (one.session_id, one.branches, one.turns, one.text) == ("talk", 3, 2, "one")
    assert await talk.count_removed() == 1
    assert await talk.count_removed("talk") == 1
    assert await talk.count_removed("other") == 0


async def test_a_name_that_is_used_again(talk: ConversationStore) -> None:
    usage = await talk.usage("talk", by="turn")
    await talk.delete_session("talk")
    await talk.start_session("talk")
    await talk.record_turn("talk", "main", turn("new"), run())
    with pytest.raises(NameTakenError, match="there is a new session 'talk'"):
        await talk.restore_session("talk")
    await talk.rename_session("talk", "newer")
    await talk.restore_session("talk")
    spent = [row for row in await talk.usage("talk", by="turn") if row.status == "completed"]
    assert spent == [row for row in usage if row.status == "completed"]
    assert [info.text for info in await talk.turns("newer", "main")] == ["new"]
    assert await talk.check() == []


async def test_a_head_that_was_moved_stays(talk: ConversationStore) -> None:
    await talk.delete_session("talk")
    await talk.use_session("other", expected="other")
    assert not (await talk.restore_session("talk")).is_current
    assert await talk.head() == Head("other")


async def test_purging(talk: ConversationStore, path: Address) -> None:
    await talk.delete_session("talk")
    assert await talk.purge_removed("other") == 0
    assert await talk.purge_removed("talk") == 1
    assert await talk.removed_sessions() == []
    with pytest.raises(NothingToRestoreError):
        await talk.restore_session("talk")
    for table in ("convo_removed", "convo_removed_messages", "convo_removed_usage"):
        assert contents(path, table) == []
    for table in ("convo_sessions", "convo_held_turns", "convo_cut_answers"):
        assert rows(path, f"SELECT * FROM {table} WHERE session_id LIKE 'convo:%'") == []


async def test_the_last_one_of_a_name(talk: ConversationStore) -> None:
    for question in ("first", "second"):
        await talk.start_session("twice")
        await talk.record_turn("twice", "main", turn(question), run())
        await talk.delete_session("twice")
    await talk.restore_session("twice")
    assert [info.text for info in await talk.turns("twice", "main")] == ["second"]
    assert [one.session_id for one in await talk.removed_sessions()] == ["twice"]


async def test_what_was_removed_last(talk: ConversationStore) -> None:
    assert await talk.last_removed_session("other") is None
    await talk.delete_session("talk")
    for session_id in (None, "other"):
        last = await talk.last_removed_session(session_id)
        assert last is not None
        assert last.session_id == "talk"
    assert (await talk.just_removed_session()) == last
    await talk.undo("other", "main")
    assert await talk.last_removed_session("other") is None
    assert await talk.just_removed_session() is None


async def test_a_new_turn_is_the_last_that_happened(talk: ConversationStore) -> None:
    await talk.delete_session("talk")
    await talk.record_turn("other", "main", turn("new"), run())
    assert await talk.just_removed_session() is None
    assert await talk.last_removed_session("other") is not None


async def test_a_turn_that_is_being_answered_stays_with_the_name(talk: ConversationStore) -> None:
    await talk.begin_turn(AskedTurn("talk", "main", [user("running")]))
    await talk.delete_session("talk")
    assert [turn.state for turn in await talk.waiting_turns()] == ["running"]
    assert (await talk.restore_session("talk")).waiting == 1
    assert len(await talk.waiting_turns()) == 2


async def test_messages_of_the_sdk(store: ConversationStore) -> None:
    session = store.session("plain")
    await session.add_items(turn("hello"))
    await store.delete_session("plain")
    await store.restore_session("plain")
    assert len(await session.get_items()) == 2


ODD = ("NULL", "'x'", "x'00ff'", "-1", "9223372036854775807", "1.5")
COLUMNS = (
    *("act", "session_id", "kept_as", "branches", "turns", "was_current", "newest_message"),
    *("session_created_at", "session_updated_at", "removed_at"),
)


@pytest.mark.sqlite_only("any column of a file may hold any type")
@pytest.mark.parametrize("column", COLUMNS)
async def test_odd_rows_end_in_no_other_error(
    talk: ConversationStore, tmp_path: Path, column: str
) -> None:
    await talk.delete_session("talk")
    for number, value in enumerate(ODD):
        path = tmp_path / f"odd{number}.db"
        await talk.back_up(path)
        try:
            execute(path, f"UPDATE convo_removed_sessions SET {column} = {value}")
        except sqlite3.IntegrityError:
            continue
        async with ConversationStore(path) as store:
            await store.removed_sessions()
            await store.last_removed_session("other")
            await store.just_removed_session()
            with contextlib.suppress(ConvoError):
                await store.restore_session("talk")
            assert [info.text for info in await store.turns("other", "main")] == ["elsewhere"]
            await store.waiting_turns()
            await store.purge_removed()
            assert await store.count_removed() == 0


async def test_sessions_that_are_deleted_at_once_come_back_whole(store: ConversationStore) -> None:
    names = [f"s{number}" for number in range(8)]
    for name in names:
        await store.start_session(name)
        await store.record_turn(name, "main", turn(name), run())
    await asyncio.gather(*(store.delete_session(name) for name in names))
    await asyncio.gather(*(store.restore_session(name) for name in names))
    assert [[one.text for one in await store.turns(name, "main")] for name in names] == [
        [name] for name in names
    ]
    assert await store.check() == []
