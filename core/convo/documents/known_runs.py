"""The runs of a session that the ledger has, to tell those of a document that it lacks.

A run has no name of its own: it is known by what it spent and when.
"""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from convo.documents.fields import RUNS
from convo.documents.numbers import RowNumbers
from convo.storage.transaction import Transaction

_TELLING = ("model", "started_at", "requests", "input_tokens", "output_tokens", "total_tokens")
"""What every release has of a run, beside the time when it was entered: an older document lacks
what newer ones know of the same run."""

_UNFINISHED = "interrupted"
_AT_ONCE = 256


class KnownRun(NamedTuple):
    """A run that the ledger has: its row, a number that stands for what it says, its tokens."""

    row_id: int
    told: int
    total_tokens: int
    is_unfinished: bool


class KnownRuns:
    """The runs of a session that no run of a document has been found to be yet."""

    def __init__(self, tx: Transaction, session_id: str) -> None:
        self._runs: dict[object, list[KnownRun]] = {}
        for row in _rows(tx, session_id):
            known = KnownRun(
                row["row"], _told(row), row["total_tokens"], row["status"] == _UNFINISHED
            )
            self._runs.setdefault(row["created_at"], []).append(known)

    def take(self, row: dict[str, Any]) -> KnownRun | None:
        """The same run in the ledger, each only once; None if the ledger lacks the run.

        A run that has not ended may have spent more since, on either side.
        """
        found = self._runs.get(row["created_at"], [])
        told, is_unfinished = _told(row), row["status"] == _UNFINISHED
        same = [known for known in found if known.told == told] or [
            known for known in found if known.is_unfinished or is_unfinished
        ]
        if not same:
            return None
        found.remove(same[0])
        return same[0]


def _rows(tx: Transaction, session_id: str) -> Iterable[dict[str, Any]]:
    found = tx.each("document_run_ids", session_id=session_id)
    ids = RowNumbers(row_id for (row_id,) in found)
    for some in ids.some_at_a_time(_AT_ONCE):
        for found in tx.rows(RUNS.select, ids=json.dumps(some)):
            yield dict(zip(RUNS.fields, found, strict=True))


def _told(row: dict[str, Any]) -> int:
    return hash(tuple(row[field] for field in _TELLING))
