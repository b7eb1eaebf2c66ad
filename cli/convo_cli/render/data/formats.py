"""Rows as JSON, JSON Lines, CSV and TSV, for programs.

JSON keeps every character of a text: control characters and lone surrogates are escaped as in JSON.
CSV and TSV hold exactly the same texts, but cannot escape control characters: written to a
terminal, they have to be made safe. All are yielded piece by piece, because there may be many rows.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from convo.items.json_text import json_text

_QUOTED_IN_CSV = re.compile('[",\r\n]')
_TSV_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})

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
    """A header and one record a row, quoted as in RFC 4180; lines end with a newline only."""
    for record in _records(keys, rows):
        line = ",".join(_quoted(cell) if _QUOTED_IN_CSV.search(cell) else cell for cell in record)
        # Readers skip an empty line, so a record that is a single empty cell is quoted.
        yield f"{line or _quoted(line)}\n"


def tsv_table(keys: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    r"""A header and one line a row; in texts, a tab is `\t`, and so are `\n`, `\r` and `\\`."""
    for record in _records(keys, rows):
        yield "\t".join(cell.translate(_TSV_ESCAPES) for cell in record) + "\n"


def _records(keys: Sequence[str], rows: Iterable[Row]) -> Iterator[list[str]]:
    return chain([list(keys)], ([_cell(row[key]) for key in keys] for row in rows))


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def _cell(value: Any) -> str:
    """A value as a cell: a text as it is, nothing for null, and all else as in JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json_text(value)
