"""The current session and branch, and turns counted from the end of a branch."""

from pathlib import Path

import pytest

from convo import AdvancedSQLiteSession, ConversationStore
from convo.records import Location, NewSession
from tests.core.talk import run, turn


@pytest.fixture
async def talk(store: ConversationStore) -> ConversationStore:
    await store.start_session("talk")
    for question in ("one", "two", "three"):
        await store.record_turn("talk", "main", turn(question), run())
    return store


async def test_turns_counted_from_the_end(talk: ConversationStore) -> None:
    assert await talk.turn_numbered("talk", "main", -1) == 3
    before = await talk.branch("talk", "main", turn=-1, expected="main")
    assert await talk.last_turn("talk", before) == 2
    after = await talk.branch("talk", "main", after=-3, expected=before)
    assert await talk.last_turn("talk", after) == 1
    assert await talk.parent_of("talk", after) == "main"
    assert await talk.parent_of("talk", "main") is None


async def test_a_session_that_is_started_without_going_there(talk: ConversationStore) -> None:
    assert await talk.start_session("other", switch=False) == "other"
    assert (await talk.head()).session_id == "talk"


async def test_a_session_that_nobody_chose_stays_current(tmp_path: Path) -> None:
    for name in ("first", "second"):
        async with AdvancedSQLiteSession(
            session_id=name, db_path=tmp_path / "c.db", create_tables=True
        ) as session:
            await session.add_items(turn("Hi"))
    async with ConversationStore(tmp_path / "c.db") as store:
        assert (await store.head()).session_id == "second"
        place = Location("first", "main")
        await store.store_turn(place, turn("Again"), run(), keep_session=True)
        await store.store_turn(NewSession("third"), turn("New"), run(), keep_session=True)
        assert (await store.head()).session_id == "second"
