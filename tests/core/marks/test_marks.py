"""Notes, tags and stars stay with their turn."""

import io

import pytest

from convo import ConversationStore
from convo.errors import InvalidNameError, NameTakenError, TagNotFoundError
from tests.core.addresses import Address
from tests.core.talk import run, turn


@pytest.fixture
async def talk(store: ConversationStore) -> ConversationStore:
    """Two turns, the second with all marks, and a branch that shares the first."""
    await store.start_session("talk")
    for question in ("one", "two"):
        await store.record_turn("talk", "main", turn(question), run())
    await store.branch("talk", "main", after=1, name="side", expected=None)
    await store.tag("talk", "main", "begin", 1)
    await store.tag("talk", "main", "plan")
    await store.note("talk", "main", "plan", "as agreed")
    await store.star("talk", "main", -1)
    return store


async def marks(
    store: ConversationStore, session: str = "talk", branch: str = "main"
) -> list[object]:
    return [tuple(info.marks) for info in await store.turns(session, branch)]


MARKED = [(None, ("begin",), False), ("as agreed", ("plan",), True)]


async def test_a_tag_names_a_turn_wherever_it_is(talk: ConversationStore) -> None:
    assert await marks(talk) == MARKED
    assert await talk.turn_called("talk", "side", "begin") == 1
    turns = await talk.whole_turns("talk", "main", "begin", "plan")
    assert [one.marks.tags for one in turns] == [("begin",), ("plan",)]
    with pytest.raises(TagNotFoundError, match="'plan' is turn 2 of 'main'"):
        await talk.turn_called("talk", "side", "plan")
    with pytest.raises(TagNotFoundError, match="no turn is called 'plam'") as found:
        await talk.turn_called("talk", "main", "plam")
    assert "plan" in str(found.value.hint)
    assert await talk.branch("talk", "main", turn="plan", name="again", expected=None) == "again"


async def test_a_tag_moves_only_by_force(talk: ConversationStore) -> None:
    with pytest.raises(NameTakenError, match="'plan' is turn 2 of 'main'"):
        await talk.tag("talk", "main", "plan", 1)
    number, before = await talk.tag("talk", "main", "plan", 1, force=True)
    assert number == 1
    assert before is not None
    assert before.turn == 2
    await talk.delete_tags("talk", ["plan"])
    assert [tag.tag for tag in await talk.tags("talk", "main")] == ["begin"]


@pytest.mark.parametrize(
    "name", ["3", "-1", "+2", "1_000", "٣", "2-3", "", "a b", "a..b", ".a", "-x"]
)
async def test_names_that_could_be_taken_for_numbers_are_refused(
    talk: ConversationStore, name: str
) -> None:
    with pytest.raises(InvalidNameError):
        await talk.tag("talk", "main", name, 1)


async def test_marks_go_with_their_turn_and_come_back(talk: ConversationStore) -> None:
    await talk.undo("talk", "main")
    assert await marks(talk) == MARKED[:1]
    with pytest.raises(TagNotFoundError, match="has been taken back"):
        await talk.turn_called("talk", "main", "plan")
    await talk.restore("talk")
    assert await marks(talk) == MARKED
    await talk.squash("talk", "main", 1, 2)
    await talk.undo("talk", "main")
    assert await marks(talk) == MARKED
    await talk.rename_session("talk", "tale")
    assert await marks(talk, "tale") == MARKED
    await talk.star("tale", "main", None)
    await talk.delete_session("tale")
    await talk.restore_session("tale")
    assert await marks(talk, "tale") == MARKED
    assert await talk.starred_sessions() == {"tale"}
    assert (await talk.session_info("tale")).is_starred
    async with talk.session("tale") as session:
        await session.clear_session()
        await session.add_items(turn("new"))
    assert await marks(talk, "tale") == [(None, (), False)]
    assert await talk.starred_sessions() == set()


async def test_a_note_is_replaced_extended_or_deleted(talk: ConversationStore) -> None:
    assert await talk.note("talk", "main", 2, "more", append=True) == (2, "as agreed")
    assert await talk.note("talk", "main", 2, "other") == (2, "as agreed\n\nmore")
    assert await talk.note("talk", "main", 2, None) == (2, "other")
    assert (await marks(talk))[1] == (None, ("plan",), True)


async def test_documents_have_marks_and_merges(talk: ConversationStore, path: Address) -> None:
    await talk.star("talk", "main", None)
    await talk.record_turn("talk", "side", turn("beside"), run())
    await talk.cherry_pick("talk", "main", "side", 2, 2)
    text = await document(talk, "talk")
    await talk.delete_session("talk")
    await talk.purge_removed()
    stored = await talk.store_document(io.BytesIO(text))
    assert stored.session_id == "talk"
    assert (await marks(talk))[:2] == MARKED
    assert await document(talk, "talk") == text
    # Nothing that is there is stored twice, and what is new is.
    await talk.note("talk", "main", 1, "mine")
    assert (await talk.store_document(io.BytesIO(text))).turns == 0
    assert (await marks(talk))[0] == ("mine", ("begin",), False)
    removed = await talk.undo("talk", "main")
    assert removed.merged is not None


async def document(store: ConversationStore, session: str) -> bytes:
    with io.BytesIO() as file:
        await store.write_document(session, file)
        return file.getvalue()
