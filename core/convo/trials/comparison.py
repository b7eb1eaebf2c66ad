"""Compares two runs of a set: the cases that changed, and whether that may be chance."""

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Literal, NamedTuple

from convo.eval_records import EvalResult
from convo.trials.intervals import Interval, difference, paired_difference, rate_of

Change = Literal["better", "worse", "only in the first", "only in the second", "other checks"]


class ChangedCase(NamedTuple):
    """A case that is not as it was: the share of its attempts that passed in each run.

    A share is None if the case is not in that run.
    """

    case: str
    change: Change
    before: float | None
    after: float | None
    reason: str | None = None


class EvalDifference(NamedTuple):
    """How the second run differs from the first one.

    The interval is that of paired proportions if `paired` is above 0, which is the number of cases
    that both runs asked and checked in the same way; then `before` and `after` are the rates of
    these. Otherwise it is that of independent proportions.
    """

    before: Interval
    after: Interval
    difference: Interval
    paired: int
    changed: Sequence[ChangedCase]

    @property
    def verdict(self) -> Literal["better", "worse", "not told apart"]:
        """What the difference shows: chance alone rarely makes an interval without 0."""
        if not self.difference.excludes_zero:
            return "not told apart"
        return "better" if self.difference.value > 0 else "worse"


class _Case(NamedTuple):
    attempts: list[bool]
    reason: str | None


def compared(before: Sequence[EvalResult], after: Sequence[EvalResult]) -> EvalDifference:
    """The difference between the results of two runs, each of one choice."""
    first, second = _by_case(before), _by_case(after)
    same = [key for key in first if key in second]
    changed = [one for key in same if (one := _changed(key[0], first[key], second[key]))]
    changed += _on_one_side(first, second)
    if same:
        pair = [first[key].attempts for key in same], [second[key].attempts for key in same]
        found = paired_difference(*pair)
    else:
        pair = (
            [one.attempts for one in first.values()],
            [one.attempts for one in second.values()],
        )
        found = difference(*pair)
    return EvalDifference(rate_of(pair[0]), rate_of(pair[1]), found, len(same), changed)


def _by_case(results: Sequence[EvalResult]) -> dict[tuple[str, str], _Case]:
    """The attempts at each case, by its name and its digest."""
    found: dict[tuple[str, str], _Case] = {}
    for one in results:
        key = (one.case, one.digest)
        case = found.setdefault(key, _Case([], None))
        case.attempts.append(one.passed)
        if case.reason is None and one.reason is not None:
            found[key] = case._replace(reason=one.reason)
    return found


def _changed(name: str, before: _Case, after: _Case) -> ChangedCase | None:
    was, now = fmean(before.attempts), fmean(after.attempts)
    if was == now:
        return None
    reason = after.reason if now < was else None
    return ChangedCase(name, "better" if now > was else "worse", was, now, reason)


def _on_one_side(
    first: Mapping[tuple[str, str], _Case], second: Mapping[tuple[str, str], _Case]
) -> list[ChangedCase]:
    """The cases that only one run asked, or that ask or check something else in the other."""
    gone = {
        name: fmean(first[name, key].attempts) for name, key in first if (name, key) not in second
    }
    new = {
        name: fmean(second[name, key].attempts) for name, key in second if (name, key) not in first
    }
    found = []
    for name in dict.fromkeys([*gone, *new]):
        change: Change = "other checks"
        if name not in new:
            change = "only in the first"
        elif name not in gone:
            change = "only in the second"
        found.append(ChangedCase(name, change, gone.get(name), new.get(name)))
    return found
