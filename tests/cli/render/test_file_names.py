"""Names of files are safe on every system, and unique."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convo_cli.render.file_names import FileNames, safe_stem


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("a trip to Oslo", "a trip to Oslo"),
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\x:y|z", "C-x-y-z"),
        ("-rf *", "rf"),
        ("\x00\x1b[2J\n", "2J"),
        ("~/.ssh", "ssh"),
        ("été 東京", "été 東京"),
        ("..", "session"),
        ("", "session"),
        ("nul", "_nul"),
        ("COM1.txt", "_COM1.txt"),
        ("ends. ", "ends"),
        ("x" * 300, "x" * 80),
        ("é" * 300, "é" * 40),
    ],
)
def test_what_becomes_of_a_name(name: str, stem: str) -> None:
    assert safe_stem(name) == stem


def test_names_that_differ_by_case_only() -> None:
    names = FileNames()
    given = ["Trip", "trip", "TRIP", "trip-2", "ﬁx", "fix"]
    made = [names.unused(name, ".md") for name in given]
    assert made == ["Trip.md", "trip-2.md", "TRIP-3.md", "trip-2-2.md", "ﬁx.md", "fix-2.md"]


@given(st.lists(st.text(max_size=12), max_size=8))
def test_no_name_leaves_the_folder_or_stands_for_two(given: list[str]) -> None:
    names = FileNames()
    made = [names.unused(name, ".json") for name in given]
    assert len({name.casefold() for name in made}) == len(given)
    for name in made:
        assert not set(name) & set('/\\:*?"<>|\0\n')
        assert not name.startswith((".", "-", " ", "~"))
        assert len(name.encode()) < 120
