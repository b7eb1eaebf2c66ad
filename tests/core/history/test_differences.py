"""Two texts, compared word by word: exactly if they are short, and quickly if they are long."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convo.history import alignment
from convo.history.differences import LONGEST, differences

MARKS = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}


def marked(a: str, b: str) -> str:
    return "".join(MARKS[change].format(text) for change, text in differences(a, b).pieces)


ISLAND = "[-a b c d e - f g h i j-]{+1 2 3 4 5 - 6 7 8 9 0+}"


@pytest.mark.parametrize(
    ("a", "b", "shown"),
    [
        ("", "", ""),
        ("", "x", "{+x+}"),
        ("x", "", "[-x-]"),
        ("x y z", "x z", "x [-y -]z"),
        ("x z", "x y z", "x {+y+} z"),
        ("x y", "x", "x[- y-]"),
        ("It is Paris.", "It is Berlin!", "It is [-Paris.-]{+Berlin!+}"),
        ("one  two", "one two", "one two"),
        ("東京は大きい", "東京は小さい", "東京は[-大き-]{+小さ+}い"),
        ("👩‍👩‍👧 sang", "👩‍👩‍👦 sang", "[-👩‍👩‍👧-]{+👩‍👩‍👦+} sang"),
        ("cafe\u0301s", "cafe\u0300s", "[-cafe\u0301s-]{+cafe\u0300s+}"),
        ("a b c d e", "1 2 c 4 5", "[-a b-]{+1 2+} c [-d e-]{+4 5+}"),
        ("a b c d e - f g h i j", "1 2 3 4 5 - 6 7 8 9 0", ISLAND),
    ],
)
def test_differences(a: str, b: str, shown: str) -> None:
    assert marked(a, b) == shown


WORDS = st.lists(st.sampled_from(["a", "b", "c", " ", "\n", "d e", "東", "!"]), max_size=30)


@given(WORDS, WORDS)
def test_the_pieces_make_up_both_texts(one: list[str], other: list[str]) -> None:
    a, b = "".join(one), "".join(other)
    found = differences(a, b)
    assert "".join(text for change, text in found.pieces if change != "removed") == b
    old = "".join(text for change, text in found.pieces if change != "added")
    assert "".join(old.split()) == "".join(a.split())
    assert found.is_same or a.split() != b.split()


def words(count: int, vocabulary: int, seed: int) -> list[str]:
    chosen = random.Random(seed)
    return [f"w{int(vocabulary * chosen.random() ** 3)}" for _ in range(count)]


def test_a_long_text_that_was_edited_is_compared_whole() -> None:
    old = words(20_000, 2_000, 1)
    new = [*old[:7_000], *old[7_100:15_000], "new", *old[15_000:]]
    found = differences(" ".join(old), " ".join(new))
    changed = [(change, len(text.split())) for change, text in found.pieces if change != "same"]
    assert (changed, found.is_whole) == ([("removed", 100), ("added", 1)], True)


@pytest.mark.parametrize("vocabulary", [2, 2_000])
def test_texts_that_have_little_in_common_take_a_limited_number_of_steps(
    vocabulary: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alignment, "_STEPS", 10_000)
    a, b = (" ".join(words(20_000, vocabulary, seed)) for seed in (1, 2))
    found = differences(a, b)
    assert not found.is_whole
    assert "".join(text for change, text in found.pieces if change != "removed") == b


def test_only_the_ends_of_a_text_beyond_all_measure_are_compared() -> None:
    found = differences("x" * LONGEST + "old end", "x" * LONGEST + "new end")
    assert [piece.text[-7:] for piece in found.pieces] == ["xxxxxxx", "old", "new", " end"]
    assert not found.is_whole
