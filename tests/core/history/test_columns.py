"""Several branches, from where the first of them parts from the others."""

import pytest

from convo import ConversationStore
from convo.errors import BranchNotFoundError
from tests.core.talk import assistant, run, turn


@pytest.fixture
async def talk(store: ConversationStore) -> ConversationStore:
    await store.start_session("talk")
    for question in ("one", "two", "three"):
        await store.record_turn("talk", "main", turn(question), run())
    await store.branch("talk", "main", turn=3, name="a", expected=None)
    await store.record_turn("talk", "a", turn("A"), run())
    await store.branch("talk", "a", after=3, name="aa", expected=None)
    await store.record_turn("talk", "aa", turn("AA"), run())
    return store


async def compared(store: ConversationStore, *branches: str) -> list[tuple[object, ...]]:
    return [
        (
            column.common_turn,
            [one.items[0].text for one in column.turns],
            column.shared_with,
            column.shared_turns,
        )
        for column in await store.columns("talk", branches)
    ]


async def test_columns_begin_where_the_first_branch_parts(talk: ConversationStore) -> None:
    assert await compared(talk, "main", "a", "aa") == [
        (2, ["three"], None, 0),
        (2, ["A"], None, 0),
        (2, ["A", "AA"], "a", 1),
    ]
    assert await compared(talk, "a", "aa") == [(3, [], None, 0), (3, ["AA"], None, 0)]


async def test_branches_may_share_nothing_or_only_a_question(talk: ConversationStore) -> None:
    await talk.branch("talk", "main", turn=1, name="b", expected=None)
    await talk.record_turn("talk", "b", turn("B"), run())
    assert [column[0] for column in await compared(talk, "a", "b", "main")] == [0, 0, 0]
    assert (await compared(talk, "b", "main", "a"))[2] == (0, ["one", "two", "A"], "main", 2)
    await talk.branch("talk", "main", after=3, name="c", expected=None)
    session = talk.session("talk", "c")
    await session.pop_item()
    await session.add_items([assistant("Another answer")])
    assert [column[:2] for column in await compared(talk, "main", "c")] == [
        (2, ["three"]),
        (2, ["three"]),
    ]


async def test_the_usage_of_turns_that_a_branch_shares(talk: ConversationStore) -> None:
    found = await talk.usage_of_turns("talk", "aa", 2)
    assert [(turn, row.tokens.requests) for turn, row in found.items()] == [(2, 1), (3, 1), (4, 1)]


async def test_a_branch_that_is_not_there(talk: ConversationStore) -> None:
    with pytest.raises(BranchNotFoundError):
        await talk.columns("talk", ["main", "none"])
