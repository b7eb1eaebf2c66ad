from typing import Any, NamedTuple, cast

from convo.storage.remembered import Remembered
from convo.storage.transaction import Transaction


class Stamped(NamedTuple):
    """A transaction in a database in a certain state."""

    state: str | None

    def stamp(self) -> str | None:
        return self.state


def at(state: str | None) -> Transaction:
    return cast(Any, Stamped(state))


def read_in(states: str, remembered: Remembered[int]) -> list[int]:
    values = iter(range(len(states)))
    return [remembered.of(at(state), lambda _: next(values)) for state in states]


def test_what_was_read_is_known_until_somebody_writes() -> None:
    assert read_in("aaabba", Remembered[int]()) == [0, 0, 0, 1, 1, 2]


def test_a_long_list_is_read_twice_before_it_is_kept() -> None:
    found = read_in("aaaabbbba", Remembered[int](is_long=True))
    assert found == [0, 1, 1, 1, 2, 3, 3, 3, 4]


def test_what_is_read_of_something_else_is_not_what_is_known() -> None:
    remembered = Remembered[str]()
    found = [remembered.of(at("a"), lambda _, what: what, what) for what in ("x", "x", "y", "x")]
    assert found == ["x", "x", "y", "x"]


def test_nothing_is_known_of_a_database_whose_state_is_not() -> None:
    remembered = Remembered[int]()
    values = iter(range(3))
    assert [remembered.of(at(None), lambda _: next(values)) for _ in range(3)] == [0, 1, 2]


def test_a_read_of_another_thread_in_between_does_not_mix_them() -> None:
    remembered = Remembered[str](is_long=True)

    def beside(_: Transaction) -> str:
        assert remembered.of(at("b"), lambda _: "of b") == "of b"
        return "of a"

    assert remembered.of(at("a"), lambda _: "of a") == "of a"
    assert remembered.of(at("a"), beside) == "of a"
    assert remembered.of(at("b"), lambda _: "of b") == "of b"
    assert remembered.of(at("b"), lambda _: "of b") == "of b"
