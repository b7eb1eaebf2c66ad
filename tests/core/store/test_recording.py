import pytest

from convo import ConversationStore, Head
from convo.errors import BranchNotFoundError, DatabaseError, SessionNotFoundError
from convo.records import Beside, Location, NewSession, StoredTurn
from tests.core.talk import run, texts, turn


@pytest.fixture
async def talk(store: ConversationStore) -> ConversationStore:
    await store.start_session("talk")
    for question in ("one", "two"):
        await store.record_turn("talk", "main", turn(question), run())
    return store


def beside(head: str = "main", branch_id: str = "main") -> Beside:
    return Beside(Location("talk", branch_id), 2, "other", head)


async def test_a_session_is_started_with_its_first_turn(talk: ConversationStore) -> None:
    place = NewSession("talk", is_unique=True)
    assert await talk.store_turn(place, turn("x"), run()) == StoredTurn("talk-2", "main", 1, True)
    assert (await talk.head()).session_id == "talk-2"


async def test_a_session_that_somebody_else_has_started(talk: ConversationStore) -> None:
    place = NewSession("talk")
    assert await talk.store_turn(place, turn("x"), run()) == StoredTurn("talk", "main", 3)


async def test_a_first_turn_that_cannot_be_stored_starts_nothing(talk: ConversationStore) -> None:
    with pytest.raises(DatabaseError, match="64 bits"):
        await talk.store_turn(NewSession("new"), turn("x"), run()._replace(total_tokens=2**70))
    assert [info.session_id for info in await talk.sessions()] == ["talk"]
    with pytest.raises(SessionNotFoundError):
        await talk.store_turn(Location("new"), turn("x"), run())


async def test_a_turn_beside_another(talk: ConversationStore) -> None:
    assert await talk.store_turn(beside(), turn("zwei"), run()) == StoredTurn("talk", "other", 2)
    assert texts(await talk.history("talk", "other"))[::2] == ["one", "zwei"]
    assert await talk.session_head("talk") == Head("talk", "other", "main")
    stored = await talk.store_turn(beside("other"), turn("deux"), run())
    assert stored.branch_id == "other-b"


async def test_a_turn_beside_another_where_the_head_has_moved(talk: ConversationStore) -> None:
    await talk.branch("talk", "main", turn=1, name="elsewhere", expected="main")
    assert (await talk.store_turn(beside(), turn("zwei"), run())).branch_id == "other"
    assert (await talk.session_head("talk")).branch_id == "elsewhere"


async def test_a_turn_goes_along_with_a_branch_that_was_renamed(talk: ConversationStore) -> None:
    await talk.branch("talk", "main", after=1, name="old", expected="main")
    await talk.rename_branch("talk", "old", "newer")
    await talk.rename_branch("talk", "newer", "new")
    assert (await talk.store_turn(Location("talk", "old"), turn("x"), run())).branch_id == "new"
    assert texts(await talk.history("talk", "new"))[::2] == ["one", "x"]
    stored = await talk.store_turn(beside("old", branch_id="newer"), turn("y"), run())
    assert await talk.session_head("talk") == Head("talk", stored.branch_id, "new")


async def test_a_branch_that_cannot_be_made(talk: ConversationStore) -> None:
    with pytest.raises(BranchNotFoundError):
        await talk.store_turn(beside(branch_id="gone"), turn("x"), run())
    assert len(await talk.branches("talk")) == 1


async def test_what_stands_before_a_turn(talk: ConversationStore) -> None:
    assert texts(await talk.history_before("talk", "main", 2)) == ["one", "About one"]
    with pytest.raises(ValueError, match="no turn 3 on branch 'main': it has turns 1-2"):
        await talk.history_before("talk", "main", 3)
