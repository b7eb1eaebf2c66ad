"""Rows as JSON, JSON Lines, CSV and TSV, for programs.

JSON keeps every character of a text: control characters and lone surrogates are escaped as in JSON.
CSV and TSV have no such escapes, so there they are made visible. All are yielded piece by piece,
because there may be many rows.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from convo_cli.render.terminal.text import safe

_UNSAFE_IN_JSON = re.compile(
    "[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"  # C0 is escaped already
)
_TSV_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n"})

_dumped = json.JSONEncoder(ensure_ascii=False).encode

Row = Mapping[str, Any]


def json_rows(rows: Iterable[Row]) -> Iterator[str]:
    """An array with one row a line, which `grep` and `diff` can read as well as a parser."""
    between = "[\n  "
    for row in rows:
        yield f"{between}{_escaped(_dumped(row))}"
        between = ",\n  "
    yield "[]\n" if between[0] == "[" else "\n]\n"


def json_object(row: Row) -> Iterator[str]:
    """One object with one key a line; rows in it are written one a line."""
    between = "{\n"
    for key, value in row.items():
        yield f"{between}  {_escaped(_dumped(key))}: "
        yield from _member(value, "[\n    ", ",\n    ", "\n  ]")
        between = ",\n"
    yield "\n}\n"


def json_line(row: Row) -> Iterator[str]:
    """One object on a line."""
    between = "{"
    for key, value in row.items():
        yield f"{between}{_escaped(_dumped(key))}: "
        yield from _member(value, "[", ", ", "]")
        between = ", "
    yield "}\n"


def json_lines(rows: Iterable[Row]) -> Iterator[str]:
    """One object a line."""
    return (f"{_escaped(_dumped(row))}\n" for row in rows)


def _member(value: Any, begin: str, between: str, end: str) -> Iterator[str]:
    """A value; rows, or an iterator of rows, are written one after the other."""
    is_rows = isinstance(value, list) and value and isinstance(value[0], Mapping)
    if not is_rows and not isinstance(value, Iterator):
        yield _escaped(_dumped(value))
        return
    mark = begin
    for row in value:
        yield f"{mark}{_escaped(_dumped(row))}"
        mark = between
    yield "[]" if mark is begin else end


def _escaped(text: str) -> str:
    """JSON with unsafe characters escaped, which can only be within strings."""
    if text.isascii() and "\x7f" not in text:
        return text
    return _UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def csv_table(keys: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """A header and one record a row, quoted if necessary; lines end with a newline only."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for record in chain([keys], ([_cell(row[key]) for key in keys] for row in rows)):
        writer.writerow(record)
        yield out.getvalue()
        out.seek(0)
        out.truncate()


def tsv_table(keys: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """A header and one line a row; tabs, newlines and backslashes in texts are escaped."""
    yield "\t".join(keys) + "\n"
    for row in rows:
        yield "\t".join(_cell(row[key]).translate(_TSV_ESCAPES) for key in keys) + "\n"


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list() | tuple():
            return safe(", ".join(str(item) for item in value))
        case _:
            return safe(str(value))
