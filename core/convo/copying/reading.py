"""Reads everything that a database has under the name of a session, as records."""

import json
from collections.abc import Collection, Iterable, Iterator
from heapq import merge
from typing import Any

from convo.copying.records import (
    EVAL,
    EVAL_RESULT,
    FORMER_NAME,
    IMPORT,
    IMPORTED_TURN,
    REMOVED,
    SCOPE,
    SETTINGS,
    Record,
    Scope,
)
from convo.documents.fields import (
    MERGES,
    MESSAGES,
    NOTES,
    PARTS,
    PENDING,
    RUNS,
    STARS,
    STRUCTURE,
    TAGS,
    USAGE,
    USED,
    Part,
)
from convo.documents.numbers import RowNumbers
from convo.names import KEPT
from convo.storage.transaction import Transaction
from convo.storage.values import named

_AT_ONCE = 256
"""Rows that one statement reads by their ids."""

_OF_THE_NAME = (USED, RUNS)
"""Parts that a deleted session leaves under its own name."""


_MARKS = {
    NOTES.key: "copied_notes",
    TAGS.key: "copied_tags",
    STARS.key: "copied_stars",
    MERGES.key: "copied_merges",
}
"""Parts of which a document leaves out those of removed turns."""


def records(tx: Transaction, name: str, only: Collection[str] | None = None) -> Iterator[Record]:
    """The session of a name, and the deleted ones that had the name: all that is known of them.

    "" is the name of what belongs to no session. With `only`, those that are kept under these
    names.
    """
    # What the ledger says of deleted sessions refers to their rows, and so comes last.
    for act, kept_as, *told in tx.rows("copied_removed_sessions", session_id=name):
        if kept_as == f"{KEPT}{act}" and (only is None or kept_as in only):
            yield _record(SCOPE, Scope(name, False, deleted=(act, *told)))
            yield from _rows(tx, kept_as, [part for part in PARTS if part not in _OF_THE_NAME])
    if only is not None and name not in only:
        return
    found = tx.row("document_session", session_id=name)
    if found is None:
        yield _record(SCOPE, Scope(name, False))
        for part in (USED, RUNS, PENDING):
            yield from _of_part(tx, name, part)
        if not name:
            for row in tx.each("copied_imports_of_none"):
                yield _record(IMPORT, row)
            yield from _evals(tx, None)
        return
    yield _record(SCOPE, Scope(name, True, found[0], found[1], is_current=bool(found[2])))
    for row in tx.rows("document_former_names", session_id=name):
        yield _record(FORMER_NAME, row)
    yield from _rows(tx, name, PARTS)


def _rows(tx: Transaction, name: str, parts: Iterable[Part]) -> Iterator[Record]:
    settings = tx.row("document_settings", session_id=name)
    if settings is not None:
        yield _record(SETTINGS, settings)
    for part in parts:
        if part is USAGE:
            # After the rows that entries refer to, and before the usage that refers to entries.
            for row in tx.each("copied_removed", session_id=name):
                yield _record(REMOVED, row)
        for record in _of_part(tx, name, part):
            names = [record.values[part.fields.index(field)] for field in part.names]
            # A branch of removed rows is that of their entry.
            if record.removed_id is not None or all(isinstance(one, str) for one in names):
                yield record
    for key, statement in ((IMPORT, "copied_imports"), (IMPORTED_TURN, "copied_imported_turns")):
        for row in tx.each(statement, session_id=name):
            yield _record(key, row)
    yield from _evals(tx, name)


def _evals(tx: Transaction, name: str | None) -> Iterator[Record]:
    for row in tx.rows("copied_evals", session_id=name):
        yield _record(EVAL, row)
        for result in tx.each("copied_eval_results", eval_id=row[0]):
            yield _record(EVAL_RESULT, result)


def _of_part(tx: Transaction, name: str, part: Part) -> Iterator[Record]:
    """The rows of a part, with those that have been removed, in the order of their ids."""
    where = {"session_id": name, "branch_id": None}
    if part is MESSAGES:
        removed = (
            _record(part.key, row, 0) for row in tx.each("copied_removed_messages", session_id=name)
        )
        yield from _merged(
            (_record(part.key, row) for row in tx.each(part.select, **where)), removed
        )
    elif part is STRUCTURE:
        removed = (
            _record(part.key, (row[0], row[1], None, *row[3:]), row[2])
            for row in tx.each("copied_removed_rows", session_id=name)
        )
        yield from _merged(_by_id(tx, part, "document_structure_ids", where), removed)
    elif part is USAGE:
        removed = (
            _record(part.key, (row[0], None, *row[2:]), row[1])
            for row in tx.each("copied_removed_usage", session_id=name)
        )
        yield from _merged(
            (_record(part.key, row) for row in tx.each(part.select, **where)), removed
        )
    elif part is RUNS:
        yield from _by_id(tx, part, "document_run_ids", where)
    elif part.key in _MARKS:
        yield from (_record(part.key, row) for row in tx.each(_MARKS[part.key], session_id=name))
    else:
        yield from (_record(part.key, row) for row in tx.each(part.select, **where))


def _by_id(tx: Transaction, part: Part, ids: str, where: dict[str, Any]) -> Iterator[Record]:
    """Rows by their ids, because sorting whole rows takes memory."""
    numbers = RowNumbers(row_id for (row_id,) in tx.each(ids, **where))
    for some in numbers.some_at_a_time(_AT_ONCE):
        for row in tx.rows(part.select, ids=json.dumps(some)):
            yield _record(part.key, row)


def _merged(kept: Iterable[Record], removed: Iterable[Record]) -> Iterator[Record]:
    """Older rows come first, whether they have been removed or not: an id tells the age."""
    return merge(kept, removed, key=lambda record: record.values[0])


def _record(key: str, row: Iterable[Any], removed_id: int | None = None) -> Record:
    values = tuple(bytes(one) if isinstance(one, memoryview) else one for one in row)
    return Record(key, values, removed_id)


def names(tx: Transaction) -> list[str]:
    """The names under which a database has anything: of sessions, deleted ones, and of none."""
    found: dict[str, None] = {}
    for statement in ("session_names", "names_of_removed_sessions", "sessions_without_record"):
        found |= dict.fromkeys(name for (name,) in named(tx.rows(statement), "session"))
    if tx.value("evals_of_no_session") or tx.value("imports_of_no_session"):
        found[""] = None
    return list(found)
