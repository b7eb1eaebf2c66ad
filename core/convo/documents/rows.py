"""Rows of a document as rows of the database: their values checked, their numbers made ids."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from convo.documents.fields import MESSAGES, PARTS, PENDING, RUNS, Part
from convo.documents.numbers import RowIds
from convo.documents.parsing import DocumentError, ParsedRow
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER
from convo.usage.ledger import NO_SESSION

Values = dict[str, Any]

PART_OF = {part.key: part for part in PARTS}

_AT_ONCE = 32
"""Rows that one statement inserts."""

MAY_BE_DELETED = frozenset(
    {"anchor", "turn_usage", "after_row", "before_row", "source_anchor", "source_row"}
)
"""References that may be to a row that is not in the document."""


class Inserting:
    """Inserts the rows of a document into a session, many with one statement."""

    def __init__(self, tx: Transaction, session_id: str) -> None:
        self.tx = tx
        self.session_id = session_id
        self.ids = {part.key: RowIds() for part in PARTS}
        self._part: Part | None = None
        self._waiting: list[tuple[int, Values]] = []

    def add(self, parsed: ParsedRow) -> None:
        """Insert a row, now or together with the next ones."""
        part = PART_OF[parsed.key]
        self.insert(part, self.row(part, parsed))

    def row(self, part: Part, parsed: ParsedRow) -> Values:
        """The next row of a part, with its values checked and its references resolved."""
        if part is not self._part or part is PENDING:
            self.flush()
        self._part = part
        row = checked(part, parsed)
        self._resolve(part, row, parsed.line)
        if part.is_numbered:
            ids = self.ids[part.key]
            ids.add(0)
            if row.pop(part.fields[0]) != len(ids):
                raise DocumentError(f"this should be row {len(ids)}", line=parsed.line)
        return row

    def insert(self, part: Part, row: Values) -> None:
        """Insert the row that `row` has returned last."""
        # A pending turn that is to begin a session has none.
        is_of_none = part is PENDING and self.session_id == NO_SESSION
        row["session_id"] = None if is_of_none else self.session_id
        if not part.is_numbered:
            self.tx.execute(part.insert, **row)
            return
        self._waiting.append((len(self.ids[part.key]), row))
        if len(self._waiting) == _AT_ONCE:
            self.flush()

    def has(self, part: Part, row_id: int) -> None:
        """Note that the row that `row` has returned last is stored already."""
        self.ids[part.key].put(len(self.ids[part.key]), row_id)

    def flush(self) -> None:
        """Insert what waits."""
        if self._part is not None and self._waiting:
            inserted = self.tx.insert(self._part.insert, [row for _, row in self._waiting])
            for (number, _), row_id in zip(self._waiting, inserted, strict=True):
                self.ids[self._part.key].put(number, row_id)
        self._waiting = []

    def refers(self, field: str, number: object, part: str, line: int) -> int | None:
        """The id of the row that a field refers to. Raises `DocumentError` if there is none."""
        ids = self.ids[part]
        found = ids.of(number) if type(number) is int else None
        if found is None or (found < 0 and field not in MAY_BE_DELETED):
            raise DocumentError(f"'{field}' refers to no row of the document", line=line)
        return found

    def _resolve(self, part: Part, row: Values, line: int) -> None:
        """Put ids of this database in place of the document's numbers."""
        for field, of in part.references:
            if row[field] is not None and (field, row[field]) != ("after_row", 0):
                row[field] = self.refers(field, row[field], of, line)
        if part is PENDING:
            runs = row["carried"]
            if not isinstance(runs, list):
                raise DocumentError("'carried' has to be a list", line=line)
            row["carried"] = json.dumps(
                [self.refers("carried", run, RUNS.key, line) for run in runs]
            )


def checked(part: Part, parsed: ParsedRow) -> Values:
    """The values of a row as they are stored. Raises `DocumentError`."""
    given = parsed.row
    row: Values = dict.fromkeys(part.fields)
    for field in row.keys() & given.keys():
        value = given[field]
        row[field] = value if type(value) is str else _stored(value, field, parsed.line)
    if part is MESSAGES and "item" in given:
        row["data"] = json.dumps(given["item"])
    if part is MESSAGES and not isinstance(row["data"], str | bytes):
        raise DocumentError("the message has neither 'item' nor 'data'", line=parsed.line)
    for name in part.names:
        if not isinstance(row[name], str):
            raise DocumentError(f"'{name}' has to be a text", line=parsed.line)
    for number in part.numbers:
        if type(row[number]) is not int:
            raise DocumentError(f"'{number}' has to be a whole number", line=parsed.line)
    return row


def stored(value: object) -> Any:
    """A value as it is stored. Raises `ValueError` if no column can hold it."""
    if value is None or type(value) is str or (type(value) is int and abs(value) <= MAX_INTEGER):
        return value
    if isinstance(value, Mapping):
        return _unusual(value)
    if isinstance(value, bool | list | int):
        raise ValueError("it cannot be stored")
    return value


def _stored(value: object, field: str, line: int) -> Any:
    if field == "carried":
        return value
    try:
        return stored(value)
    except (TypeError, ValueError, binascii.Error):
        what = f"'{field}' has a value that cannot be stored"
        raise DocumentError(what, line=line) from None


def _unusual(value: Mapping[str, Any]) -> Any:
    """Bytes, or a number that JSON has no word for."""
    if value.keys() == {"base64"}:
        return base64.b64decode(value["base64"], validate=True)
    if value.keys() == {"number"}:
        return float(value["number"])
    raise ValueError("its form is not known")
