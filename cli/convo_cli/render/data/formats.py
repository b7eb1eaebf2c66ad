"""Rows as JSON, JSON Lines, CSV and TSV, for programs.

JSON keeps every character of a text: what a terminal would obey, and what UTF-8 cannot write, is
escaped the way JSON escapes. CSV and TSV have no such escapes, so there it is made visible.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from convo_cli.render.terminal.text import safe

_UNSAFE_IN_JSON = re.compile(
    "[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"  # C0 is escaped already
)
_TSV_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n"})

_dumped = json.JSONEncoder(ensure_ascii=False).encode

Row = Mapping[str, Any]


def json_rows(rows: Iterable[Row]) -> str:
    """An array, a row to a line: as easy to read for `grep` and `diff` as for a parser."""
    lines = ",\n".join(f"  {_dumped(row)}" for row in rows)
    return _escaped(f"[\n{lines}\n]\n") if lines else "[]\n"


def json_object(row: Row) -> str:
    """One object, a key to a line; rows in it are written a row to a line."""
    lines = ",\n".join(f"  {_dumped(key)}: {_member(value)}" for key, value in row.items())
    return _escaped(f"{{\n{lines}\n}}\n")


def _member(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        return "[\n" + ",\n".join(f"    {_dumped(row)}" for row in value) + "\n  ]"
    return _dumped(value)


def json_lines(rows: Iterable[Row]) -> str:
    """An object to a line."""
    return _escaped("".join(f"{_dumped(row)}\n" for row in rows))


def _escaped(text: str) -> str:
    """JSON with what is unsafe in it escaped; that can only be within its strings."""
    if text.isascii() and "\x7f" not in text:
        return text
    return _UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def csv_table(keys: Sequence[str], rows: Iterable[Row]) -> str:
    """A header and a record to a row, quoted where needed; lines end in a newline alone."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(keys)
    writer.writerows([_cell(row[key]) for key in keys] for row in rows)
    return out.getvalue()


def tsv_table(keys: Sequence[str], rows: Iterable[Row]) -> str:
    """A header and a line to a row; tabs, newlines and backslashes in a text are escaped by one."""
    lines = ["\t".join(keys)]
    lines += ["\t".join(_cell(row[key]).translate(_TSV_ESCAPES) for key in keys) for row in rows]
    return "\n".join(lines) + "\n"


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
