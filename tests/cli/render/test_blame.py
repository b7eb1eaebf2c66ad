"""The parts of the input of a turn add up to what the server counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convo.history.shares import Share
from convo_cli.render.blame import Blame, By, blame

PARTS = st.lists(
    st.builds(
        Share,
        st.integers(1, 3),
        st.sampled_from(["prompt", "answer", "output"]),
        st.sampled_from([None, "look"]),
        st.integers(1, 10_000),
    ),
    min_size=1,
    max_size=30,
)


@given(PARTS, st.integers(1, 2_000_000), st.sampled_from([None, "turn", "kind"]))
def test_the_rows_add_up_to_the_total(parts: list[Share], counted: int, by: By | None) -> None:
    found = Blame(9, tuple(parts), counted, 1)
    scaled = [row["tokens"] for row in blame(found, by, None).rows()]
    assert sum(scaled) == counted
    assert min(scaled) >= 0
    lines = blame(found, by, 2).grid().rows
    assert sum(int(line[-2].replace(",", "")) for line in lines) == counted


@pytest.mark.parametrize("counted", [None, 0])
def test_without_a_count_there_are_estimates(counted: int | None) -> None:
    found = Blame(1, (Share(1, "prompt", None, 10),), counted, 1)
    (row,) = blame(found, None, None).rows()
    assert (row["tokens"], row["estimated_tokens"]) == (counted, 10)
