"""A whole session: the turns of all branches, each once, and where each branch begins."""

from typing import Any

from convo import ConversationStore
from convo.history.lines import WholeSession
from convo.records import Beside, Location
from tests.core.talk import run, turn


async def said(store: ConversationStore, branch: str, *questions: str) -> None:
    for question in questions:
        await store.record_turn("talk", branch, turn(question), run())


def outline(whole: WholeSession) -> list[tuple[Any, ...]]:
    return [
        (
            line.branch_id,
            line.parent,
            line.after,
            [(turn.turn, turn.items[0].text) for turn in line.turns],
        )
        for line in whole.lines
    ]


async def test_every_turn_is_there_once(store: ConversationStore) -> None:
    await store.start_session("talk")
    await said(store, "main", "one", "two", "three")
    await store.branch("talk", "main", turn=3, name="side", expected="main")
    await said(store, "side", "drei")
    await store.branch("talk", "side", turn=2, name="other", expected="side")
    await said(store, "other", "zwei")
    await store.branch("talk", "side", after=3, name="tip", expected="other")
    whole = await store.whole_session("talk")
    assert outline(whole) == [
        ("main", None, None, [(1, "one"), (2, "two"), (3, "three")]),
        ("side", "main", 2, [(3, "drei")]),
        ("other", "main", 1, [(2, "zwei")]),
        ("tip", "side", 3, []),
    ]
    assert whole.current == "tip"
    assert (await store.whole_session("talk", "side")).current == "side"


async def test_turns_after_a_summary_are_in_another_context(store: ConversationStore) -> None:
    await store.start_session("talk")
    await said(store, "main", "one", "two", "three")
    place = Beside(Location("talk", "main"), 1, "short", sums_up_to=1)
    await store.store_turn(place, turn("so far"), run())
    whole = await store.whole_session("talk")
    assert [(line.parent, line.numbers) for line in whole.lines] == [
        (None, (1, 2, 3)),
        (None, (1, 2, 3)),
    ]


async def test_the_usage_of_turns_is_known_before_they_are_parsed(store: ConversationStore) -> None:
    await store.start_session("talk")
    await said(store, "main", "one", "two")
    (line,) = (await store.whole_session("talk")).lines
    parsed = [(turn.turn, turn.model, turn.tokens) for turn in line.turns]
    assert [tuple(usage) for usage in line.turns.usage()] == parsed
