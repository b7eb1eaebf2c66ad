"""Calls and outputs, made whole."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from convo.importing.items import answered, called, returned
from convo.importing.pairing import NO_NAME, NO_OUTPUT, whole
from convo.items.pairs import sendable


def call(call_id: str) -> dict[str, Any]:
    return called(call_id, "look", "{}")


def test_a_call_without_output_gets_one_after_the_calls_beside_it() -> None:
    items = [call("a"), call("b"), returned("b", "x"), answered("y")]
    assert whole(items) == [call("a"), call("b"), returned("a", NO_OUTPUT), *items[2:]]


def test_an_output_without_call_gets_one_before_it() -> None:
    items = [returned("a", "x"), answered("y")]
    assert whole(items) == [called("a", NO_NAME, "{}"), *items]


def test_an_output_without_id_belongs_to_the_oldest_call() -> None:
    items = [call("a"), call("b"), returned("", "x"), returned("", "y")]
    assert whole(items) == [call("a"), call("b"), returned("a", "x"), returned("b", "y")]


def test_whole_items_stay_as_they_are() -> None:
    items = [call("a"), returned("a", "x"), call("a"), returned("a", "y"), "no item", answered("z")]
    assert whole(items) == items


IDS = st.sampled_from(["", "a", "b"])
ITEMS = st.lists(
    st.one_of(IDS.map(call), IDS.map(lambda one: returned(one, "x")), st.just(answered("y"))),
    max_size=12,
)


@given(items=ITEMS)
def test_whatever_was_lost_a_server_accepts_all_of_it(items: list[Any]) -> None:
    made = whole(items)
    assert sendable(made) == made
    assert [item for item in made if item in items] or not items or made
    assert whole(made) == made
    assert sum(item.get("role") == "assistant" for item in made) == items.count(answered("y"))
