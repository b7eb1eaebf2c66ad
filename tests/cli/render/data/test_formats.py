"""JSON, JSON Lines, CSV and TSV keep what they can, and never control a terminal."""

from __future__ import annotations

import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st

from convo_cli.render.data.formats import (
    csv_table,
    json_line,
    json_lines,
    json_object,
    json_rows,
    tsv_table,
)

NASTY = 'say "hi",\nthen\t\\tab \x1b[31m \x9b \u202e \ud800 日本'


def test_json_keeps_every_character_and_shows_none_raw() -> None:
    rows = [{"text": NASTY}, {"text": None}]
    for written, read in (
        ("".join(json_rows(rows)), rows),
        ("".join(json_object({"rows": rows, "n": 1})), {"rows": rows, "n": 1}),
        ("".join(json_line({"rows": iter(rows), "n": 1})), {"rows": rows, "n": 1}),
    ):
        assert json.loads(written) == read
        assert not set(written) & set("\x1b\x9b\u202e\ud800")
        assert "日本" in written
    assert [json.loads(line) for line in "".join(json_lines(rows)).splitlines()] == rows


def test_json_is_laid_out_a_row_to_a_line() -> None:
    assert "".join(json_rows([{"a": 1}, {"a": 2}])) == '[\n  {"a": 1},\n  {"a": 2}\n]\n'
    assert "".join(json_rows([])) == "[]\n"
    for rows in ([{"b": 1}], iter([{"b": 1}])):
        assert "".join(json_object({"a": [], "rows": rows})) == (
            '{\n  "a": [],\n  "rows": [\n    {"b": 1}\n  ]\n}\n'
        )


def test_rows_within_a_line() -> None:
    rows = [{"b": [1, 2]}, {"b": NASTY}]
    line = "".join(json_line({"a": 1, "rows": iter(rows), "none": iter([]), "c": None}))
    assert line == "".join(json_lines([{"a": 1, "rows": rows, "none": [], "c": None}]))


def test_csv() -> None:
    rows = [{"a": NASTY, "b": True, "c": None, "d": ["x", "y"]}]
    written = "".join(csv_table("abcd", rows))
    header, record = csv.reader(io.StringIO(written, newline=""))
    assert header == ["a", "b", "c", "d"]
    shown = 'say "hi",\nthen\t\\tab \\x1b[31m \\x9b \\u202e \\ud800 日本'
    assert record == [shown, "true", "", "x, y"]
    assert "\r" not in written


def test_tsv_has_a_line_to_a_row() -> None:
    written = "".join(tsv_table("ab", [{"a": "x\ty\\z\nend", "b": False}]))
    assert written == "a\tb\nx\\ty\\\\z\\nend\tfalse\n"


@given(st.lists(st.fixed_dictionaries({"t": st.text(alphabet=st.characters(codec=None))})))
def test_any_text_comes_back_from_json(rows: list[dict[str, str]]) -> None:
    assert json.loads("".join(json_rows(rows))) == rows
    assert len("".join(tsv_table("t", rows)).split("\n")) == len(rows) + 2
