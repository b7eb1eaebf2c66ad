"""The excerpt of a text that was found."""

import pytest

from convo.records import Found
from convo.search.query import Query
from convo_cli.render.found import drawn_found, excerpt, shown_by
from convo_cli.render.terminal.look import Look

FILLING = "nothing to see here " * 50


def hit(text: str, query: str = "word") -> Found:
    spans = tuple(Query(query).spans(text))
    return Found("s", "main", 1, "user", text, spans, "2026-11-22T16:50:36Z")


def shown(found: Found) -> str:
    return "".join(f"«{text}»" if marked else text for text, marked in excerpt(found))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("word", "«word»"),
        ("  a\n\tword ", "a «word»"),
        ("word word", "«word» «word»"),
        ("wordword", "«wordword»"),
    ],
)
def test_a_short_text_is_shown_whole(text: str, expected: str) -> None:
    assert shown(hit(text)) == expected


def test_a_long_text_is_cut_at_words_around_the_word() -> None:
    line = shown(hit(FILLING + "the word itself " + FILLING))
    assert line.startswith("…to see here nothing to see here nothing to see here the «word» itself")
    assert line.endswith("nothing to…")
    assert 150 < len(line) < 250


def test_the_part_with_most_of_the_words_is_shown() -> None:
    line = shown(hit("one " + FILLING + "two one " + FILLING, "one two"))
    assert "«two» «one»" in line


def test_one_endless_word() -> None:
    found = hit("x" * 10_000, "x")
    assert shown(found) == "«" + "x" * 240 + "»…"
    assert shown(hit("x" * 5_000 + "! word", "word")).endswith("…«word»")


def test_wide_characters_are_wrapped_by_their_cells() -> None:
    lines = drawn_found([hit("天気予報" * 30, "天気")], Look(40)).splitlines()
    assert len(lines) > 4
    assert all(len(line) <= 4 + 18 + 4 for line in lines[1:])


def test_names_are_quoted_for_the_shell() -> None:
    found = hit("word")._replace(session_id="a b", branch_id="$x", turn=0)
    assert shown_by(found) == "`convo show 0 -s 'a b' -b '$x'` shows the first"
