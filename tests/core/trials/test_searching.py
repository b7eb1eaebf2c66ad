"""The first bad turn is found with few checks, whatever is skipped."""

from __future__ import annotations

import math

import pytest

from convo.trials.searching import Bisected, Checked, Search, State, most_checks

STATES: dict[str, State] = {"+": "good", "-": "bad", "?": "skipped"}


async def found(states: str, *, checks_first: bool = True, every: bool = False) -> Bisected:
    async def check(turn: int) -> Checked:
        return Checked(turn, STATES[states[turn - 1]])

    search = Search(range(1, len(states) + 1), check)
    await (search.check_all() if every else search.find(checks_first=checks_first))
    return search.result()


@pytest.mark.parametrize("checks_first", [True, False])
async def test_every_place_is_found_with_few_checks(checks_first: bool) -> None:
    for count in range(1, 34):
        most = most_checks(count, reruns=not checks_first)
        assert most <= 2 + math.ceil(math.log2(count))
        for bad in range(1, count + 1):
            states = "+" * (bad - 1) + "-" * (count - bad + 1)
            result = await found(states, checks_first=checks_first)
            assert (result.first_bad, result.last_good) == (bad, bad - 1 or None)
            assert len(result.checked) <= most
            assert result.is_monotone
        assert (await found("+" * count, checks_first=checks_first)).candidates == ()
    assert most_checks(16, reruns=True) == 5


@pytest.mark.parametrize(
    ("states", "candidates", "good"),
    [
        ("?", (), None),
        ("+??-", (2, 3, 4), 1),
        ("++?---", (3, 4), 2),
        ("+?+--", (4,), 3),
        ("+++?", (), None),
        ("++--??", (3,), 2),
        ("??--", (1, 2, 3), None),
        ("+?????-???", (2, 3, 4, 5, 6, 7), 1),
    ],
)
async def test_turns_that_are_skipped(
    states: str, candidates: tuple[int, ...], good: int | None
) -> None:
    for checks_first in (True, False):
        result = await found(states, checks_first=checks_first)
        assert (result.candidates, result.last_good) == (candidates, good)
        assert result.first_bad == (candidates[0] if len(candidates) == 1 else None)
    every = await found(states, every=True)
    assert (every.candidates, len(every.checked)) == (candidates, len(states))


async def test_ends_that_contradict_the_assumption_are_noticed() -> None:
    result = await found("-++++")
    assert (result.first_bad, len(result.checked), result.is_monotone) == (1, 2, False)
    result = await found("++-++")
    assert (result.candidates, result.is_monotone) == ((), True)
    result = await found("++-++", every=True)
    assert (result.first_bad, result.last_good, result.is_monotone) == (3, 2, False)
