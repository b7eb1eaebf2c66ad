"""Inserts the rows of a copy into a session, many with one statement, with ids of this database."""

import json
from typing import Any

from convo.copying.ids import Ids
from convo.copying.records import EVAL, IMPORT, REMOVED, Record
from convo.documents.fields import CUTS, MESSAGES, PENDING, RUNS, STRUCTURE, USAGE, Part
from convo.documents.known_runs import KnownRuns
from convo.documents.rows import MAY_BE_DELETED, PART_OF
from convo.storage import values
from convo.storage.transaction import Transaction
from convo.usage.ledger import NO_SESSION

_AT_ONCE = 32
"""Rows that one statement inserts."""

Values = dict[str, Any]


class Inserting:
    """Inserts rows under one name; those that have been removed are to be set aside then."""

    def __init__(self, tx: Transaction, name: str) -> None:
        self._tx = tx
        self._session_id = name
        self._ids = {key: Ids() for key in (*PART_OF, REMOVED, IMPORT, EVAL)}
        self._rows_of: dict[int, list[int]] = {}
        self._set_aside: dict[tuple[str, int], list[int]] = {}
        self._known = KnownRuns(tx, name)
        self._known_pending = {
            (question, created_at): row_id
            for row_id, question, created_at, _ in tx.rows("known_pending", session_id=name)
        }
        self._newest = ""
        self._waiting: list[tuple[Record, Values]] = []

    def _row(self, record: Record) -> None:
        part = PART_OF[record.key]
        if self._waiting and (self._waiting[-1][0].key != part.key or part is PENDING):
            self._flush()
        row: Values = dict(zip(part.fields, record.values, strict=True))
        self._refer(part, row)
        row["session_id"] = self._session_id
        if not part.is_numbered:
            if part is not CUTS or row["message"] is not None:
                self._tx.execute(part.insert, **row)
            return
        if record.removed_id is not None and part is STRUCTURE:
            row["branch"] = "convo:copied"
        elif record.removed_id is not None and part is USAGE:
            row["branch"] = f"convo:copied/{record.removed_id}"
        elif part is MESSAGES and record.removed_id is None:
            row["created_at"] = self._newest = max(row["created_at"] or "", self._newest)
        if part is MESSAGES and isinstance(row["data"], bytes):
            row["data"] = _text(row["data"])
        if not self._is_known(part, row):
            self._waiting.append((record, row))
        if len(self._waiting) == _AT_ONCE:
            self._flush()

    def _is_known(self, part: Part, row: Values) -> bool:
        """Whether the row is here already: runs and pending turns outlive their session."""
        if part is PENDING:
            row["session_id"] = None if self._session_id == NO_SESSION else self._session_id
            known_id = self._known_pending.get((row["question"], row["created_at"]))
            if known_id is not None:
                self._ids[part.key].put(row["row"], known_id)
            return known_id is not None
        known = self._known.take(row) if part is RUNS else None
        if known is None:
            return False
        self._ids[part.key].put(row["row"], known.row_id)
        self._tx.execute("place_known_run", id=known.row_id, **_without_row(part, row))
        return True

    def _refer(self, part: Part, row: Values) -> None:
        for field, of in part.references:
            if row[field] is None or (field, row[field]) == ("after_row", 0):
                continue
            found = self._ids[of].of(row[field])
            row[field] = found if found > 0 or field in MAY_BE_DELETED else None
        if part is PENDING:
            runs = values.list_of(int, row["carried"] or "[]")
            row["carried"] = json.dumps([self._ids[RUNS.key].of(run) for run in runs])

    def _flush(self) -> None:
        """Insert what waits."""
        if not self._waiting:
            return
        part = PART_OF[self._waiting[0][0].key]
        rows = [_without_row(part, row) for _, row in self._waiting]
        inserted = self._tx.insert(part.insert, rows)
        for (record, row), new in zip(self._waiting, inserted, strict=True):
            self._ids[part.key].put(row[part.fields[0]], new)
            if record.removed_id is not None:
                self._of_entry(part, record.removed_id).append(new)
        self._waiting = []

    def _of_entry(self, part: Part, removed_id: int) -> list[int]:
        """The removed rows of an entry, which is stored after its rows and before its usage."""
        if part is STRUCTURE:
            return self._rows_of.setdefault(removed_id, [])
        entry = 0 if part is MESSAGES else self._ids[REMOVED].of(removed_id)
        return self._set_aside.setdefault((part.key, entry), [])


def _text(data: bytes) -> str | bytes:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def _without_row(part: Part, row: Values) -> Values:
    return {field: value for field, value in row.items() if field != part.fields[0]}
