"""The runs of a session that the ledger has, to tell those of a document that it lacks.

A run has no name of its own: it is known by what it spent and when.
"""

import json
from array import array
from collections import deque
from collections.abc import Iterable
from typing import Any, NamedTuple

from convo.documents.fields import RUNS
from convo.documents.numbers import RowNumbers
from convo.storage.transaction import Transaction

_TELLING = (
    *("created_at", "started_at", "model"),
    *("requests", "input_tokens", "output_tokens", "total_tokens"),
)
"""What every release has of a run: an older document lacks what newer ones know of it."""

_UNFINISHED = "interrupted"
_AT_ONCE = 256
_MOST = 100
"""Runs of one second that are looked through: those that had not ended are few."""


class KnownRun(NamedTuple):
    """A run that the ledger has: its row and its tokens."""

    row_id: int
    total_tokens: int


class KnownRuns:
    """The runs of a session that no run of a document has been found to be yet."""

    def __init__(self, tx: Transaction, session_id: str) -> None:
        self._runs: dict[int, KnownRun] = {}
        self._same: dict[int, deque[KnownRun]] = {}
        """Those after the first one that says the same; there are few."""
        self._entered: dict[object, array[int]] = {}
        self._unfinished: set[int] = set()
        for row in _rows(tx, session_id):
            told, run = _told(row), KnownRun(row["row"], row["total_tokens"])
            if self._runs.setdefault(told, run) is not run:
                self._same.setdefault(told, deque()).append(run)
            self._entered.setdefault(row["created_at"], array("q")).append(told)
            if row["status"] == _UNFINISHED:
                self._unfinished.add(told)

    def take(self, row: dict[str, Any]) -> KnownRun | None:
        """The same run in the ledger, each only once; None if the ledger lacks the run.

        A run that had not ended may have spent more since, on either side.
        """
        if (same := self._take(_told(row))) is not None:
            return same
        is_unfinished = row["status"] == _UNFINISHED
        for told in self._entered.get(row["created_at"], ())[:_MOST]:
            may_be_it = is_unfinished or told in self._unfinished
            if may_be_it and (same := self._take(told)) is not None:
                return same
        return None

    def _take(self, told: int) -> KnownRun | None:
        first = self._runs.pop(told, None)
        if first is not None and (others := self._same.get(told)):
            self._runs[told] = others.popleft()
        return first


def _rows(tx: Transaction, session_id: str) -> Iterable[dict[str, Any]]:
    found = tx.each("document_run_ids", session_id=session_id)
    ids = RowNumbers(row_id for (row_id,) in found)
    for some in ids.some_at_a_time(_AT_ONCE):
        for found in tx.rows(RUNS.select, ids=json.dumps(some)):
            yield dict(zip(RUNS.fields, found, strict=True))


def _told(row: dict[str, Any]) -> int:
    return hash(tuple(row[field] for field in _TELLING))
