"""Write the document of a session, or of one of its branches alone.

Rows are read and written one after the other. What stays in memory is the id of each row, eight
bytes each.
"""

import base64
import json
from collections.abc import Iterator
from math import isfinite
from typing import Any, Protocol

from convo.documents.fields import (
    FORMAT,
    KIND,
    MESSAGES,
    PARTS,
    PENDING,
    RUNS,
    SETTINGS,
    STRUCTURE,
    USAGE,
    Part,
)
from convo.documents.numbers import RowNumbers
from convo.items.json_text import json_text
from convo.storage import values
from convo.storage.transaction import Transaction

Row = dict[str, Any]


class Cleaner(Protocol):
    """Changes rows before they are written, and says what it has changed."""

    def begin(self) -> None:
        """Begin, or begin again, a document."""
        ...

    def row(self, part: str, row: Row) -> Row:
        """A row of the part with this key, as it is to be written."""
        ...

    def summary(self) -> Row:
        """The number of changes of each kind in this document."""
        ...


_AT_ONCE = 256
"""Rows that one statement reads by their ids."""

_OF_THE_MACHINE = ("base_url", "agent", "context", "mcp", "template", "template_values", "folder")
"""Settings that name things of this machine: a branch that is given away goes without them."""

_strict = json.JSONEncoder(allow_nan=False).encode


def pieces(
    tx: Transaction, session_id: str, branch_id: str | None, cleaner: Cleaner | None = None
) -> Iterator[str]:
    """The document of a session, or of a branch alone, a row a line."""
    writer = _Writer(tx, session_id, branch_id)

    def text_of(key: str, row: Row) -> str:
        return json_text(row if cleaner is None else cleaner.row(key, row))

    if cleaner is not None:
        cleaner.begin()

    yield f'{{\n"convo": "{KIND}",\n"format": {FORMAT}'
    for key, row in (("session", writer.session()), ("settings", writer.settings())):
        if row is not None:
            yield f',\n"{key}": {text_of(key, row)}'
    for part in PARTS:
        between = f',\n"{part.key}": [\n'
        for row in writer.rows(part):
            yield f"{between}{text_of(part.key, row)}"
            between = ",\n"
        if between == ",\n":
            yield "\n]"
    if cleaner is not None:
        yield f',\n"redacted": {json_text(cleaner.summary())}'
    yield "\n}\n"


class _Writer:
    """Reads the rows of a session, or of one branch, and gives them the numbers of a document."""

    def __init__(self, tx: Transaction, session_id: str, branch_id: str | None) -> None:
        self._tx = tx
        self._session_id = session_id
        self._branch_id = branch_id
        self._where = {"session_id": session_id, "branch_id": branch_id}
        self._numbers = {part.key: RowNumbers() for part in PARTS}

    def session(self) -> Row:
        """The session's own row. A deleted session has none, and still has runs in the ledger."""
        found = self._tx.row("document_session", session_id=self._session_id)
        row: Row = {"name": self._session_id}
        if found is None:
            return {**row, "deleted": True}
        row |= _row(("created_at", "updated_at"), found[:2])
        if self._branch_id is None:
            row["current"] = bool(found[2])
            names = self._tx.rows("document_former_names", session_id=self._session_id)
            row["former_names"] = [name for (name,) in names]
        return row

    def settings(self) -> Row | None:
        """The head of the session, and the choices of its last turn."""
        found = self._tx.row("document_settings", session_id=self._session_id)
        row = None if found is None else _row(SETTINGS, found)
        if self._branch_id is None:
            return row
        kept = {key: value for key, value in (row or {}).items() if key not in _OF_THE_MACHINE}
        kept.pop("previous_branch", None)
        return {**kept, "branch": self._branch_id}

    def rows(self, part: Part) -> Iterator[Row]:
        """The rows of a part, as the document has them."""
        if part is MESSAGES:
            for message_id, data, created_at in self._tx.each(part.select, **self._where):
                number = self._numbers[part.key].add(message_id)
                yield {"message": number, **_content(data), **_row(("created_at",), (created_at,))}
            return
        for found in self._found(part):
            row = _row(part.fields, found)
            if all(isinstance(row.get(name), str) for name in part.names):
                yield self._numbered(part, row)

    def _found(self, part: Part) -> Iterator[Any]:
        """The stored rows, in order."""
        if part not in (STRUCTURE, RUNS):
            yield from self._tx.each(part.select, **self._where)
            return
        # By their ids, because sorting whole rows takes memory.
        ids = "document_structure_ids" if part is STRUCTURE else "document_run_ids"
        if part is RUNS and self._branch_id is not None:
            ids = "document_run_ids_of_branch"
        numbers = RowNumbers(row_id for (row_id,) in self._tx.each(ids, **self._where))
        self._numbers[part.key] = numbers
        for some in numbers.some_at_a_time(_AT_ONCE):
            yield from self._tx.rows(part.select, ids=json.dumps(some))

    def _numbered(self, part: Part, row: Row) -> Row:
        """A row with the numbers of the document in place of ids."""
        if part is RUNS and self._branch_id is not None:
            row = self._on_branch(row)
        if part in (USAGE, PENDING):
            row["row"] = self._numbers[part.key].add(row["row"])
        elif "row" in row:
            row["row"] = self._numbers[part.key].of(row["row"])
        for field, of in part.references:
            if field in row:
                row[field] = self._numbers[of].of(row[field])
        if part is PENDING:
            runs = values.list_of(int, row["carried"] or "[]")
            row["carried"] = [self._numbers[RUNS.key].of(run) for run in runs]
        return row

    def _on_branch(self, row: Row) -> Row:
        """A run as one of the branch, even if its turn was asked on the one that it came from."""
        where = {**self._where, "anchor": row["anchor"]}
        anchor, turn = self._tx.row("place_of_anchor", **where)
        return {**row, "branch": self._branch_id, "anchor": anchor, "turn": turn}


def _row(fields: tuple[str, ...], found: tuple[Any, ...]) -> Row:
    """A row without its NULLs."""
    return {
        field: _value(value)
        for field, value in zip(fields, found, strict=True)
        if value is not None
    }


def _value(value: Any) -> Any:
    """A stored value in JSON, which has neither bytes nor a number without end."""
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, float) and not isfinite(value):
        return {"number": repr(value)}
    return value


def _content(data: bytes | None) -> Row:
    """The item of a message if that is all that its text says, or else the text, or the bytes."""
    if data is None:
        return {}
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return {"data": {"base64": base64.b64encode(data).decode()}}
    try:
        item = json.loads(text)
        if _strict(item) == text:
            return {"item": item}
    except (ValueError, RecursionError):
        pass
    return {"data": text}
