"""What further requests will cost is estimated from recorded counts and prices."""

import pytest

from convo import ConversationStore, RunRecord, Tokens
from convo.trials.estimate import (
    Estimate,
    cost_of_run,
    estimated,
    guessed,
    recorded_turns,
)
from convo.usage.prices import Override, PriceBook
from convo.usage.rates import EVERYWHERE, Priced, Rate

RATE = Rate(*EVERYWHERE, 1.0, 10.0)
PRICED = Priced("m", None, (RATE,))


def test_turns_like_recorded_ones() -> None:
    turns = [Tokens(1, 1_000, 900, 100, 0, 1_100), Tokens(3, 6_000, 0, 200, 0, 6_200)]
    found = estimated(turns, PRICED)
    # What was cached before may not be cached again.
    assert found == Estimate(4, 7_000, 300, pytest.approx(0.010), True)
    assert found.times(3) == Estimate(12, 21_000, 900, pytest.approx(0.030), True)
    assert estimated(turns, None).cost is None
    assert estimated(turns, Priced("m", None, ())).cost is None


def test_a_prompt_that_was_never_asked_is_a_guess() -> None:
    found = guessed("x" * 400, Tokens(1, 50, 0, 20, 0, 70))
    assert (found.input_tokens, found.output_tokens, found.estimated) == (171, 20, True)
    assert not estimated([found], PRICED).known
    assert guessed("hi").output_tokens == 300


async def test_a_turn_without_usage_is_like_the_others(store: ConversationStore) -> None:
    await store.start_session("talk")
    for number in range(3):
        items = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
        tokens = (1, 100 * number, 10, 100 * number + 10) if number else (0, 0, 0, 0)
        await store.record_turn("talk", "main", items, RunRecord("m", *tokens))
    found = await recorded_turns(store, "talk", "main", 1, 3)
    assert [one.input_tokens for one in found] == [150, 100, 200]
    assert found[0].estimated
    assert len(await recorded_turns(store, "talk", "main", 3, 3)) == 1


def test_what_a_run_has_cost() -> None:
    prices = PriceBook([Override("m*", {"input": 1.0, "output": 10.0, "cached": 0.1})])
    cached = {"cached_tokens": 400}
    run = RunRecord("mine", 1, 1_000, 100, 1_100, input_details=cached, base_url="http://a/v1")
    assert cost_of_run(run, prices) == pytest.approx(0.00164)
    assert cost_of_run(run._replace(estimated=True), prices) is None
    assert cost_of_run(run._replace(model=None), prices) is None
    assert cost_of_run(run._replace(model="echo", base_url=None), prices) == 0


async def test_without_any_record_texts_are_counted(store: ConversationStore) -> None:
    await store.start_session("talk")
    session = store.session("talk")
    for _ in range(3):
        await session.add_items(
            [
                {"role": "user", "content": "q" * 40},
                {"role": "assistant", "content": "a" * 80},
            ]
        )
    found = await recorded_turns(store, "talk", "main", 2, 3)
    assert [(one.input_tokens, one.output_tokens) for one in found] == [(41, 20), (71, 20)]
    assert all(one.estimated for one in found)
