"""Answers that have no end: marked on their last message, wherever that goes."""

from pathlib import Path

import pytest
from agents.extensions.memory import AdvancedSQLiteSession as SdkSession

from convo import ConversationStore
from convo.pending.pending import AskedTurn, Progress
from convo.records import Location
from convo.usage_records import RunRecord
from tests.core.talk import assistant, run, turn, user

PLACE = Location("talk")


@pytest.fixture
async def talk(store: ConversationStore) -> ConversationStore:
    await store.start_session("talk")
    await store.record_turn("talk", "main", turn("one"), run())
    await store.store_turn(PLACE, turn("two"), run(), cut="tokens")
    return store


async def cuts(
    store: ConversationStore, branch: str = "main", session: str = "talk"
) -> list[object]:
    infos = await store.turns(session, branch)
    assert [info.cut for info in infos] == [
        found.cut for found in await store.transcript(session, branch)
    ]
    return [info.cut for info in infos]


async def test_a_mark_goes_where_its_message_goes(talk: ConversationStore) -> None:
    branch = await talk.branch("talk", "main", after=2, name="side", expected=None)
    assert await cuts(talk) == await cuts(talk, branch) == [None, "tokens"]
    await talk.undo("talk", "main", 2)
    assert await cuts(talk) == []
    await talk.delete_branches("talk", ["side"])
    await talk.restore("talk", "side")
    await talk.restore("talk", "main")
    assert await cuts(talk) == await cuts(talk, branch) == [None, "tokens"]
    await talk.rename_session("talk", "told")
    assert await cuts(talk, session="told") == [None, "tokens"]


async def test_what_is_said_after_it_ends_the_answer_on_that_branch(
    talk: ConversationStore,
) -> None:
    await talk.branch("talk", "main", after=2, name="side", expected=None)
    await talk.session("talk").add_items([assistant("the rest")])
    assert (await cuts(talk), await cuts(talk, "side")) == ([None, None], [None, "tokens"])


@pytest.mark.sqlite_only("the SDK's class with branches has files only")
async def test_the_sdk_reads_and_goes_on_with_such_a_turn(talk: ConversationStore) -> None:
    session = SdkSession(session_id="talk", db_path=Path(talk.path), create_tables=True)
    try:
        assert await session.get_items() == await talk.history("talk", "main")
        await session.add_items([user("three"), assistant("Yes.")])
    finally:
        session.close()
    assert await cuts(talk) == [None, "tokens", None]


async def test_a_session_that_is_cleared_has_no_marks(talk: ConversationStore) -> None:
    await talk.session("talk").clear_session()
    await talk.start_session("talk")
    await talk.record_turn("talk", "main", turn("again"), run())
    assert await cuts(talk) == [None]


async def test_what_came_of_an_answer_is_kept_with_its_cost(talk: ConversationStore) -> None:
    asked = AskedTurn("talk", "main", [user("three")])
    pending_id = await talk.begin_turn(asked)
    await talk.end_pending("talk", pending_id, "stopped", Progress(answer="Half", run=run(50)))
    (held,) = await talk.waiting_turns()
    items = [*held.asked.items, *held.arrived()]
    model = RunRecord("m", 0, 0, 0, 0)
    stored = await talk.keep_turn(PLACE, items, held.number, model)
    assert (stored.turn, await cuts(talk)) == (3, [None, "tokens", "interrupted"])
    info = (await talk.turns("talk", "main"))[-1]
    assert info.tokens is not None
    assert info.tokens.total_tokens == run(50).total_tokens
    assert (await talk.session_model("talk")).model == "m"
    assert await talk.waiting_turns() == []
    assert await talk.check() == []
