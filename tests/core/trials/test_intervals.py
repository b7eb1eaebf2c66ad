"""Published values of both papers of Newcombe, and of the book of Fagerland and others."""

import pytest

from convo.trials.intervals import Interval, difference, paired_difference, rate_of


def _once(passed: int, of: int) -> list[list[bool]]:
    return [[number < passed] for number in range(of)]


def _pairs(
    both: int, first: int, second: int, neither: int
) -> tuple[list[list[bool]], list[list[bool]]]:
    table = [(True, True)] * both + [(True, False)] * first
    table += [(False, True)] * second + [(False, False)] * neither
    return [[one] for one, _ in table], [[other] for _, other in table]


def _rounded(interval: Interval) -> tuple[float, float]:
    return round(interval.low, 4) + 0, round(interval.high, 4) + 0


@pytest.mark.parametrize(
    ("passed", "of", "published"),
    [
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_one_rate(passed: int, of: int, published: tuple[float, float]) -> None:
    # Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3.
    assert _rounded(rate_of(_once(passed, of))) == published


@pytest.mark.parametrize(
    ("after", "before", "published"),
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((6, 7), (2, 7), (0.0582, 0.8062)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
        ((0, 10), (0, 20), (-0.1611, 0.2775)),
        ((0, 10), (0, 10), (-0.2775, 0.2775)),
        ((10, 10), (0, 20), (0.6791, 1.0)),
        ((10, 10), (0, 10), (0.6075, 1.0)),
    ],
)
def test_rates_of_other_cases(
    after: tuple[int, int], before: tuple[int, int], published: tuple[float, float]
) -> None:
    # Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, method 10.
    assert _rounded(difference(_once(*before), _once(*after))) == published


@pytest.mark.parametrize(
    ("table", "published"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), 2635-2650, method 10.
        ((36, 12, 2, 0), (0.0569, 0.3404)),
        ((18, 12, 2, 18), (0.0562, 0.3290)),
        # Fagerland, Lydersen, Laake, Statistical Analysis of Contingency Tables, chapter 8.
        ((1, 1, 7, 12), (-0.5069, -0.0256)),
    ],
)
def test_rates_of_the_same_cases(
    table: tuple[int, int, int, int], published: tuple[float, float]
) -> None:
    first, second = _pairs(*table)
    assert _rounded(paired_difference(second, first)) == published


def test_attempts_that_always_agree_count_as_one() -> None:
    once = _once(7, 10)
    thrice = [attempts * 3 for attempts in once]
    assert rate_of(thrice) == pytest.approx(rate_of(once))
    assert paired_difference(thrice, thrice) == pytest.approx(paired_difference(once, once))


def test_attempts_that_say_nothing_of_their_case_count_as_so_many() -> None:
    mixed = [[True, False]] * 10
    assert rate_of(mixed) == pytest.approx(rate_of(_once(10, 20)))


def test_pairs_that_agree_make_the_interval_of_a_difference_shorter() -> None:
    first, second = _pairs(40, 9, 1, 50)
    paired, apart = paired_difference(second, first), difference(second, first)
    assert paired.high - paired.low < apart.high - apart.low
    assert paired.excludes_zero
    assert not apart.excludes_zero


def test_without_attempts_nothing_is_known() -> None:
    assert rate_of([]) == (0.0, 0.0, 1.0)
    assert paired_difference([], []) == (0.0, -1.0, 1.0)
