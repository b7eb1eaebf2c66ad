"""Intervals for rates of passed attempts, and for the difference between two of them.

The interval of one rate is Wilson's score interval. That of a difference is Newcombe's, which
combines the Wilson intervals of both rates: method 10 of his paper on independent proportions, and
method 10 of his paper on paired ones if both runs asked the same cases.

With several attempts at a case, the case is what was drawn at random, not the attempt: ten
attempts at one case say less than ten cases. The number of attempts is therefore replaced by the
number of independent ones that would make the rate as certain. For one attempt a case, all of
this is exactly what Wilson and Newcombe published.
"""

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist, fmean
from typing import NamedTuple

LEVEL = 0.95
"""The share of intervals that contain the true value."""

_Z = NormalDist().inv_cdf((1 + LEVEL) / 2)


class Interval(NamedTuple):
    """An estimate and its interval."""

    value: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether chance alone would rarely make such a difference."""
        return self.low > 0 or self.high < 0


def wilson(rate: float, attempts: float) -> Interval:
    """Wilson's interval of a rate; without attempts, it is everything from 0 to 1."""
    if attempts <= 0:
        return Interval(rate, 0.0, 1.0)
    scale = 1 + _Z * _Z / attempts
    centre = (rate + _Z * _Z / (2 * attempts)) / scale
    half = _Z * sqrt(rate * (1 - rate) / attempts + (_Z / (2 * attempts)) ** 2) / scale
    return Interval(rate, max(0.0, centre - half), min(1.0, centre + half))


def rate_of(cases: Sequence[Sequence[bool]]) -> Interval:
    """The rate of cases, each with whether its attempts passed, and its interval."""
    rates = _rates(cases)
    return wilson(fmean(rates) if rates else 0.0, _effective(cases))


def difference(before: Sequence[Sequence[bool]], after: Sequence[Sequence[bool]]) -> Interval:
    """By how much the rate of other cases is higher."""
    return _newcombe(rate_of(after), rate_of(before), 0.0)


def paired_difference(
    before: Sequence[Sequence[bool]], after: Sequence[Sequence[bool]]
) -> Interval:
    """By how much the rate of the same cases, in the same order, is higher."""
    return _newcombe(rate_of(after), rate_of(before), _correlation(_rates(before), _rates(after)))


def _newcombe(first: Interval, second: Interval, correlation: float) -> Interval:
    """The interval of `first` minus `second`."""

    def reach(up: float, down: float) -> float:
        return sqrt(max(0.0, up * up - 2 * correlation * up * down + down * down))

    value = first.value - second.value
    low = value - reach(first.value - first.low, second.high - second.value)
    high = value + reach(first.high - first.value, second.value - second.low)
    return Interval(value, max(-1.0, low), min(1.0, high))


def _rates(cases: Sequence[Sequence[bool]]) -> list[float]:
    return [fmean(attempts) for attempts in cases if attempts]


def _effective(cases: Sequence[Sequence[bool]]) -> float:
    """The number of independent attempts that would make the rate as certain as these do.

    It is the number of cases if their attempts agree, and that of attempts at the most.
    """
    rates = _rates(cases)
    attempts = sum(len(one) for one in cases)
    if not rates or attempts == len(rates):
        return attempts
    rate = fmean(rates)
    variance = fmean((one - rate) ** 2 for one in rates)
    if rate in (0.0, 1.0):
        return len(rates)
    if variance == 0:
        return attempts
    return min(attempts, max(len(rates), rate * (1 - rate) * len(rates) / variance))


def _correlation(before: Sequence[float], after: Sequence[float]) -> float:
    """The correlation of two rates over the same cases, with Newcombe's correction."""
    cases = len(before)
    if not cases:
        return 0.0
    first, second = fmean(before), fmean(after)
    together = fmean(
        (one - first) * (other - second) for one, other in zip(before, after, strict=True)
    )
    spread = sqrt(
        fmean((one - first) ** 2 for one in before) * fmean((one - second) ** 2 for one in after)
    )
    if spread == 0:
        return 0.0
    corrected = max(0.0, together - 1 / (2 * cases)) if together > 0 else together
    return max(-1.0, min(1.0, corrected / spread))
