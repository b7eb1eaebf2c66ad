"""Documents are parsed a row at a time, in any layout, and said to be wrong where they are."""

import io
import json

import pytest

from convo.documents import parsing
from convo.documents.parsing import DocumentError, ParsedRow, parsed

ROWS = {"session": {"name": "s"}, "messages": [{"message": 1, "item": {"a": 1.5}}, {"message": 2}]}
DOCUMENT = {"convo": "session", "format": 1, **ROWS}


def rows(text: str) -> list[ParsedRow]:
    return list(parsed(io.BytesIO(text.encode())))


@pytest.mark.parametrize("indent", [None, 0, 4])
def test_the_layout_does_not_matter(indent: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "_PIECE", 7)
    found = rows(json.dumps(DOCUMENT, indent=indent))
    assert [(row.key, row.row) for row in found] == [
        ("session", ROWS["session"]),
        *(("messages", row) for row in ROWS["messages"]),
    ]


def test_rows_know_their_lines() -> None:
    text = '{"convo": "session",\n"format": 1,\n"messages": [\n{},\n\n{}\n]\n}\n'
    assert [row.line for row in rows(text)] == [4, 6]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is not a document of convo"),
        ("[]", "it is not a document of convo"),
        ('{"a": 1}', "it is not a document of convo"),
        ('{"convo": "other", "format": 1}', "it is not a document of convo"),
        ('{"convo": "session", "format": 2}', "its format is 2, and this release reads 1"),
        ('{"convo": "session", "format": "x"}', "its format is x, and this release reads 1"),
        ('{"convo": "session", "format": 1', "line 1: '}' is missing"),
        ('{"convo": "session", "format": 1, "x": 1}', "line 1: 'x' is unknown here"),
        (
            '{"convo": "session", "format": 1,\n"runs": [],\n"messages": []}',
            "line 3: 'messages' is unknown here",
        ),
        (
            '{"convo": "session", "format": 1, "runs": [\n7]}',
            "line 2: this is not a row of a document",
        ),
        (
            '{"convo": "session", "format": 1, "runs": [\n{"a": ',
            "line 2: it is not JSON, or ends too early",
        ),
        ('{"convo": "session", "format": 1} x', "line 1: there is more after its end"),
        (
            '{"convo": "session", "format": 1, "runs": [' + "[" * 100_000,
            "line 1: it is nested too deeply",
        ),
    ],
)
def test_what_is_wrong_is_named(text: str, message: str) -> None:
    with pytest.raises(DocumentError) as error:
        rows(text)
    assert str(error.value) == message


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(DocumentError, match="the file is not UTF-8"):
        list(parsed(io.BytesIO(b'{"convo": "session", "format": 1, "runs": ["\xff"]}')))


def test_a_row_that_does_not_end_is_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "LONGEST", 1000)
    monkeypatch.setattr(parsing, "_PIECE", 100)
    with pytest.raises(DocumentError, match="it is longer than 0 MiB"):
        rows('{"convo": "session", "format": 1, "runs": [{"a": "' + "x" * 5000)
