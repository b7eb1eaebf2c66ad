"""Where two branches part, by the messages that they share."""

import pytest
from agents.extensions.memory import AdvancedSQLiteSession as SDKSession

from convo import ConversationStore
from convo.errors import BranchNotFoundError
from convo.history.comparison import last_common
from tests.core.addresses import Address, execute
from tests.core.talk import assistant, run, turn


@pytest.fixture
async def talk(store: ConversationStore) -> ConversationStore:
    await store.start_session("talk")
    for question in ("one", "two", "three"):
        await store.record_turn("talk", "main", turn(question), run())
    await store.branch("talk", "main", turn=3, name="a", expected=None)
    return store


async def parted(store: ConversationStore, a: str, b: str) -> tuple[object, ...]:
    found = await store.compare("talk", a, b)
    asked = [[turn.items[0].text for turn in turns] for turns in (found.turns_a, found.turns_b)]
    return (found.relation, found.common_turn_a, found.common_turn_b, *asked)


async def test_relations(talk: ConversationStore) -> None:
    assert await parted(talk, "main", "main") == ("same", 3, 3, [], [])
    assert await parted(talk, "a", "main") == ("a_ends", 2, 2, [], ["three"])
    assert await parted(talk, "main", "a") == ("b_ends", 2, 2, ["three"], [])
    await talk.record_turn("talk", "a", turn("A"), run())
    assert await parted(talk, "a", "main") == ("parted", 2, 2, ["A"], ["three"])
    await talk.branch("talk", "a", turn=1, name="b", expected=None)
    assert await parted(talk, "b", "a") == ("a_ends", 0, 0, [], ["one", "two", "A"])
    await talk.record_turn("talk", "b", turn("B"), run())
    assert await parted(talk, "b", "a") == ("unrelated", 0, 0, ["B"], ["one", "two", "A"])


async def test_a_question_that_was_answered_twice(talk: ConversationStore) -> None:
    await talk.branch("talk", "main", after=3, name="b", expected=None)
    session = talk.session("talk", "b")
    await session.pop_item()
    await session.add_items([assistant("Another answer")])
    assert await parted(talk, "main", "b") == ("parted", 2, 2, ["three"], ["three"])


@pytest.mark.sqlite_only("the SDK's class with branches has files only")
async def test_numbers_are_not_what_is_compared(path: Address) -> None:
    sdk = SDKSession(session_id="talk", db_path=path, create_tables=True)
    for question in ("one", "two", "three"):
        await sdk.add_items(turn(question))
    await sdk.create_branch_from_turn(3, "a")
    await sdk.add_items(turn("A"))
    sdk.close()
    execute(
        path,
        "UPDATE message_structure SET user_turn_number = user_turn_number + 5,"
        " branch_turn_number = branch_turn_number + 5 WHERE branch_id = 'a'",
    )
    async with ConversationStore(path) as store:
        assert await parted(store, "main", "a") == ("parted", 2, 7, ["three"], ["A"])


async def test_a_branch_that_is_not_there(talk: ConversationStore) -> None:
    with pytest.raises(BranchNotFoundError):
        await talk.compare("talk", "main", "none")


@pytest.mark.parametrize(
    ("a", "b", "common", "read"),
    [
        ("abcX", "abcY", (3, 3), 4),
        ("abcd", "a", (1, 1), 5),
        ("abXc", "abc", (4, 3), 2),
        ("ab", "cd", (0, 0), 4),
        ("", "", (0, 0), 0),
    ],
)
def test_no_more_is_read_than_needed(a: str, b: str, common: tuple[int, int], read: int) -> None:
    seen = []

    def backwards(letters: str) -> object:
        for number in range(len(letters), 0, -1):
            seen.append(number)
            yield ord(letters[number - 1]), number

    assert last_common(backwards(a), backwards(b)) == common  # type: ignore[arg-type]
    assert len(seen) <= read
