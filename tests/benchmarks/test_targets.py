"""From measurements to verdicts."""

from __future__ import annotations

import pytest

from benchmarks.figures import duration, times
from benchmarks.results import Series
from benchmarks.targets import Operation, grown, growth_allowed, verdict

READ = Operation("read", "reading", faster=10, over_floor=3, growth="flat")


def series(**seconds: list[float]) -> Series:
    """A series of rounds of one operation, at 100 turns unless the name says another size."""
    made = Series()
    for name, rounds in seconds.items():
        subject, _, size = name.partition("_")
        for number, value in enumerate(rounds):
            made.add("read", subject, int(size or 100), number, [value])
    return made


def test_what_counts_is_the_median_of_the_medians_of_the_rounds() -> None:
    made = Series()
    made.add("read", "convo", 100, 0, [1.0, 2.0, 90.0])
    made.add("read", "convo", 100, 1, [3.0])
    made.add("read", "convo", 100, 2, [4.0])
    assert made.typical("read", "convo", 100) == 3.0


def test_ratios_are_taken_within_a_round() -> None:
    # The machine was ten times slower in the second round: that is nobody's fault.
    made = series(sdk=[12.0, 120.0, 12.0], convo=[1.0, 10.0, 1.0])
    assert made.ratio(("read", "sdk", 100), ("read", "convo", 100)) == 12.0


@pytest.mark.parametrize(
    ("sdk", "floor", "is_met"), [(10.0, 0.5, True), (9.9, 0.5, False), (10.0, 0.3, False)]
)
def test_a_target_is_met_where_all_of_it_is(sdk: float, floor: float, is_met: bool) -> None:
    found = verdict(READ, series(sdk=[sdk], convo=[1.0], floor=[floor]), 100)
    assert found.is_met is is_met


def test_nothing_is_said_about_what_was_not_measured() -> None:
    assert verdict(READ, series(convo=[1.0], floor=[1.0]), 100).is_met is None
    assert grown(READ, series(convo=[1.0])) is None


def test_what_must_stay_flat_is_compared_with_the_smallest_size() -> None:
    made = series(convo_100=[1.0], convo_10000=[1.1], convo_50000=[1.4])
    assert grown(READ, made) == (100, 50_000, 1.4)


def test_what_may_grow_is_compared_with_the_last_size_but_one() -> None:
    made = series(convo_100=[1.0], convo_10000=[10.0], convo_50000=[60.0])
    assert grown(Operation("read", "reading", growth="linear"), made) == (10_000, 50_000, 6.0)


@pytest.mark.parametrize(
    ("growth", "allowed"), [("flat", 1.5), ("linear", 7.5), ("sublinear", 2.5)]
)
def test_how_much_growth_is_allowed(growth: str, allowed: float) -> None:
    assert growth_allowed(growth, 10_000, 50_000) == allowed


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "-"),
        (7.21e-6, "7.21 µs"),
        (0.00099951, "1.00 ms"),
        (0.0123, "12.3 ms"),
        (0.456, "456 ms"),
        (12.3, "12.3 s"),
    ],
)
def test_durations_have_three_digits(seconds: float | None, said: str) -> None:
    assert duration(seconds) == said


def test_ratios_have_three_digits() -> None:
    assert [times(None), times(0.987), times(1234.5)] == ["-", "0.99x", "1,234x"]
