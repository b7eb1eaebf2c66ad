"""Runs are compared by the cases that both have, and chance is not taken for progress."""

from convo.eval_records import EvalResult
from convo.trials.comparison import ChangedCase, compared


def results(
    passed: str, *, digest: str = "d", first: int = 0, attempts: int = 1
) -> list[EvalResult]:
    """A result for every letter: `+` for one that passed."""
    return [
        EvalResult(
            number // attempts,
            f"case-{first + number // attempts}",
            f"{digest}{number // attempts}",
            "echo",
            number % attempts + 1,
            "passed" if letter == "+" else "error",
            message=None if letter == "+" else "too slow",
        )
        for number, letter in enumerate(passed)
    ]


def test_the_cases_that_changed_are_named() -> None:
    found = compared(results("+-+-"), results("-++-"))
    assert found.changed == [
        ChangedCase("case-0", "worse", 1.0, 0.0, "too slow"),
        ChangedCase("case-1", "better", 0.0, 1.0),
    ]
    assert (found.paired, found.difference.value, found.verdict) == (4, 0.0, "not told apart")


def test_few_better_cases_may_be_chance_and_many_are_not() -> None:
    assert compared(results("-" * 3 + "+" * 7), results("+" * 10)).verdict == "not told apart"
    better = compared(results("-" * 12 + "+" * 28), results("+" * 40))
    assert better.verdict == "better"
    assert compared(results("+" * 40), results("-" * 12 + "+" * 28)).verdict == "worse"


def test_cases_that_are_not_the_same_are_left_out_of_the_difference() -> None:
    before = [*results("++"), *results("-", first=2)]
    after = [*results("+-"), *results("+", digest="other", first=2), *results("+", first=9)]
    found = compared(before, after)
    assert (found.paired, found.before.value, found.after.value) == (2, 1.0, 0.5)
    assert found.changed[1:] == [
        ChangedCase("case-2", "other checks", 0.0, 1.0),
        ChangedCase("case-9", "only in the second", None, 1.0),
    ]


def test_runs_without_a_common_case_are_independent() -> None:
    found = compared(results("++--"), results("+++-", digest="other"))
    assert (found.paired, found.difference.value) == (0, 0.25)
    assert {one.change for one in found.changed} == {"other checks"}


def test_attempts_at_a_case_are_taken_together() -> None:
    found = compared(results("+-+-", attempts=2), results("++++", attempts=2))
    assert found.changed == [
        ChangedCase("case-0", "better", 0.5, 1.0),
        ChangedCase("case-1", "better", 0.5, 1.0),
    ]
    assert found.paired == 2
