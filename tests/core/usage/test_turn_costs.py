"""What each turn cost, by the branch where it was asked, and where that is for a shared turn."""

from convo import ConversationStore
from convo.usage.prices import Override, PriceBook
from tests.core.talk import run, turn

BOOK = PriceBook([Override("m", {"input": 1_000_000, "output": 2_000_000})])
"""A dollar a token, two for output: `run(30)` costs 40."""


async def test_turns_cost_what_their_runs_cost(store: ConversationStore) -> None:
    await store.start_session("talk")
    for question, spent in (("one", run(30)), ("two", run(3)), ("three", run(3))):
        await store.record_turn("talk", "main", turn(question), spent)
    await store.undo("talk", "main", 1)
    await store.branch("talk", "main", turn=2, name="side", expected="main")
    recorded = run(9)._replace(model="unknown to all", recorded_cost=0.25)
    await store.record_turn("talk", "side", turn("zwei"), recorded)
    await store.record_turn("talk", "side", turn("drei"), run()._replace(model="unknown to all"))
    expected = {("main", 1): 40.0, ("main", 2): 4.0, ("side", 2): 0.25}
    assert await store.costs_of_turns("talk", BOOK) == expected
    assert await store.turn_origins("talk", "side") == {
        1: ("main", 1),
        2: ("side", 2),
        3: ("side", 3),
    }
