"""Rows as JSON, JSON Lines, CSV and TSV, for programs.

JSON keeps every character of a text: control characters and lone surrogates are escaped as in JSON.
CSV and TSV have no such escapes, so there they are made visible. All are yielded piece by piece,
because there may be many rows.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from convo.items.json_text import json_text
from convo_cli.render.terminal.text import safe

_TSV_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n"})

Row = Mapping[str, Any]


def json_rows(rows: Iterable[Row]) -> Iterator[str]:
    """An array with one row a line, which `grep` and `diff` can read as well as a parser."""
    between = "[\n  "
    for row in rows:
        yield f"{between}{json_text(row)}"
        between = ",\n  "
    yield "[]\n" if between[0] == "[" else "\n]\n"


def json_object(row: Row) -> Iterator[str]:
    """One object with one key a line; rows in it are written one a line."""
    between = "{\n"
    for key, value in row.items():
        yield f"{between}  {json_text(key)}: "
        yield from _member(value, "[\n    ", ",\n    ", "\n  ]")
        between = ",\n"
    yield "\n}\n"


def json_line(row: Row) -> Iterator[str]:
    """One object on a line."""
    between = "{"
    for key, value in row.items():
        yield f"{between}{json_text(key)}: "
        yield from _member(value, "[", ", ", "]")
        between = ", "
    yield "}\n"


def json_lines(rows: Iterable[Row]) -> Iterator[str]:
    """One object a line."""
    return (f"{json_text(row)}\n" for row in rows)


def _member(value: Any, begin: str, between: str, end: str) -> Iterator[str]:
    """A value; rows, or an iterator of rows, are written one after the other."""
    is_rows = isinstance(value, list) and value and isinstance(value[0], Mapping)
    if not is_rows and not isinstance(value, Iterator):
        yield json_text(value)
        return
    mark = begin
    for row in value:
        yield f"{mark}{json_text(row)}"
        mark = between
    yield "[]" if mark is begin else end


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
