"""Turns that are taken apart one by one are those of one moment, all of them and in order."""

import pytest

from convo import ConversationStore
from convo.history import transcript
from tests.core.addresses import Address, execute
from tests.core.talk import assistant, run, turn


@pytest.fixture(autouse=True)
def small_parcels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some turns are many then."""
    monkeypatch.setattr(transcript, "_PARCEL", 100)
    monkeypatch.setattr(transcript, "_ROWS_AT_ONCE", 2)


@pytest.fixture
async def talk(store: ConversationStore) -> ConversationStore:
    await store.start_session("talk")
    for number in range(1, 9):
        await store.record_turn("talk", "main", turn(f"question {number}"), run())
    return store


async def test_they_stay_what_they_were_whatever_is_written(talk: ConversationStore) -> None:
    before = await talk.transcript("talk", "main")
    found = await talk.whole_turns("talk", "main")
    remaining = iter(found)
    first = next(remaining)
    await talk.record_turn("talk", "main", turn("another"), run())
    await talk.undo("talk", "main", 3)
    assert [first, *remaining] == before
    assert list(found) == before
    assert len(found) == len(before) == 8


async def test_a_turn_that_is_added_to_later_is_whole(
    talk: ConversationStore, path: Address
) -> None:
    session = talk.session("talk")
    await session.add_items([assistant("One more thing")])
    execute(
        path,
        "UPDATE message_structure SET user_turn_number = 2 WHERE id ="
        " (SELECT max(id) FROM message_structure)",
    )
    found = await talk.transcript("talk", "main")
    assert [one.turn for one in found] == list(range(1, 9))
    assert found[1].items[-1].text == "One more thing"
    assert [len(one.items) for one in found] == [2, 3, 2, 2, 2, 2, 2, 2]
    assert all(one.tokens is not None for one in found)


async def test_what_cannot_be_read_is_told_of_before_anything_is_gone_through(
    talk: ConversationStore, path: Address, caplog: pytest.LogCaptureFixture
) -> None:
    execute(path, "UPDATE agent_messages SET message_data = '{' WHERE id IN (5, 6, 7)")
    found = await talk.whole_turns("talk", "main")
    assert [record.args[0] for record in caplog.records if record.args] == [5, 6, 7]
    caplog.clear()
    assert [len(one.items) for one in found] == [2, 2, 0, 1, 2, 2, 2, 2]
    assert not caplog.records
