"""JSON, JSON Lines, CSV and TSV keep what they can, and never control a terminal."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from convo_cli.render.data.formats import (
    csv_table,
    json_line,
    json_lines,
    json_object,
    json_rows,
    tsv_table,
)

TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
"""Texts of every kind but lone surrogates, which UTF-8 does not have."""

NASTY = 'say "hi",\nthen\t\\tab \x1b[31m \x9b \u202e 日本 \ud800'


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
    rows = [{"a": NASTY[:-2], "b": True, "c": None, "d": ["x", "y"]}]
    written = "".join(csv_table("abcd", rows))
    header, record = csv.reader(io.StringIO(written, newline=""))
    assert header == ["a", "b", "c", "d"]
    assert record == [NASTY[:-2], "true", "", '["x", "y"]']


def test_tsv_has_a_line_to_a_row() -> None:
    written = "".join(tsv_table("ab", [{"a": "x\ty\\z\r\nend", "b": False}]))
    assert written == "a\tb\nx\\ty\\\\z\\r\\nend\tfalse\n"


KINDS = {
    "text": TEXTS | st.none(),
    "count": st.integers() | st.none(),
    "price": st.floats(allow_nan=False, allow_infinity=False),
    "flag": st.booleans(),
    "names": st.lists(TEXTS),
    "settings": st.dictionaries(TEXTS, TEXTS | st.integers()),
}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.fixed_dictionaries(KINDS), max_size=3))
def test_csv_and_tsv_hold_the_text_of_json(rows: list[dict[str, Any]]) -> None:
    document = json.loads("".join(json_rows(rows)))
    written = "".join(csv_table([*KINDS], rows))
    # As a program reads it that gets the bytes of the pipe.
    records = list(csv.reader(io.TextIOWrapper(io.BytesIO(written.encode()), "utf-8", newline="")))
    lines = "".join(tsv_table([*KINDS], rows)).split("\n")
    assert records[0] == lines[0].split("\t") == [*KINDS]
    assert lines.pop() == ""
    expected = [[as_cell(row[key]) for key in KINDS] for row in document]
    assert records[1:] == expected
    assert [[unescaped(cell) for cell in line.split("\t")] for line in lines[1:]] == expected


@given(TEXTS)
def test_a_column_alone_comes_back_too(text: str) -> None:
    written = "".join(csv_table(["a"], [{"a": text}]))
    assert list(csv.reader(io.StringIO(written, newline=""))) == [["a"], [text]]


def as_cell(value: Any) -> str:
    """A value of JSON as a reader of the other formats finds it."""
    if value is None or isinstance(value, str):
        return value or ""
    return "".join(json_lines([{"value": value}]))[len('{"value": ') : -2]


def unescaped(cell: str) -> str:
    return re.sub(
        r"\\(.)", lambda found: {"t": "\t", "n": "\n", "r": "\r"}.get(found[1], found[1]), cell
    )


@given(st.lists(st.fixed_dictionaries({"t": st.text(alphabet=st.characters(codec=None))})))
def test_any_text_comes_back_from_json(rows: list[dict[str, str]]) -> None:
    assert json.loads("".join(json_rows(rows))) == rows
    assert len("".join(tsv_table("t", rows)).split("\n")) == len(rows) + 2
