"""Whole turns of a branch, with each item parsed into text, tool call and output.

A parsed conversation takes ten times as much memory as its file. So its rows are read in one
transaction and kept compressed, and parsed a few turns at a time when they are needed.
"""

import marshal
import zlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any, NamedTuple

from convo.history import turns
from convo.items.contents import TranscriptItem, taken_apart
from convo.items.decoding import Unreadable, decoded, in_batches
from convo.items.encoding import Item
from convo.marks import marks
from convo.records import NO_MARKS, Cut, Merged, TurnMarks
from convo.storage import values
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER, iso_utc
from convo.usage_records import Tokens

_ROWS_AT_ONCE = 64
_PARCEL = 128 * 1024
"""Bytes of messages that are compressed together."""

_FAST = 1
"""The compression level. Higher levels make a conversation hardly smaller."""

_Row = tuple[int, bytes | None, int, object]
"""A message's id, its data (None if unreadable), its turn, and the time when it was stored."""

_Spent = dict[int, list[Any]]
"""For each turn with usage: the model, whether the usage is estimated, and the token sums."""


class TranscriptTurn(NamedTuple):
    """One turn and all its items; turn 0 holds the items before the first question.

    `model` and `tokens` are None if no usage was stored for the turn. `cut` says why the answer is
    incomplete; None if it is complete. `merged` says which turns it was made of, or copied from.
    """

    turn: int
    items: tuple[TranscriptItem, ...]
    model: str | None
    tokens: Tokens | None
    created_at: str
    cut: Cut | None = None
    marks: TurnMarks = NO_MARKS
    merged: Merged | None = None


class TurnUsage(NamedTuple):
    """The usage of a turn; `model` is None if it is unknown, or if there was more than one."""

    turn: int
    model: str | None
    tokens: Tokens


class WholeTurns:
    """Turns from one snapshot, in order, each parsed again whenever an iteration reaches it."""

    def __init__(self, cut: dict[int, Cut], spent: _Spent, unreadable: Unreadable) -> None:
        """Start without turns.

        `cut` has the turns with an incomplete answer, and the reason; `spent` has their usage.
        """
        self._cut = cut
        self._spent = spent
        self._unreadable = unreadable
        self.marks: Mapping[int, TurnMarks] = {}
        self.merged: Mapping[int, Merged] = {}
        self._parcels: list[bytes] = []
        self._numbers: set[int] = set()
        self._last = -MAX_INTEGER - 1
        self._is_in_order = True

    def __len__(self) -> int:
        """How many turns there are."""
        return len(self._numbers)

    def __iter__(self) -> Iterator[TranscriptTurn]:
        """The turns, in order."""
        parcels = map(_unpacked, self._parcels)
        # The rows of a turn may be spread over several parcels if they are out of order.
        for rows in parcels if self._is_in_order else [list(chain.from_iterable(parcels))]:
            yield from self._taken_apart(rows)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the turns, in order."""
        return tuple(sorted(self._numbers))

    def usage(self) -> Iterator[TurnUsage]:
        """The usage of those turns that have any, in order, without parsing the turns."""
        for turn in sorted(self._numbers & self._spent.keys()):
            yield TurnUsage(turn, *self._usage_of(turn))

    def add(self, rows: list[_Row]) -> None:
        """Add the next rows."""
        numbers = {row[2] for row in rows}
        self._is_in_order &= self._last < min(numbers)
        self._last = max(numbers)
        self._numbers |= numbers
        self._parcels.append(zlib.compress(marshal.dumps(rows), _FAST))

    def _taken_apart(self, rows: list[_Row]) -> Iterator[TranscriptTurn]:
        times: dict[int, object] = {}
        items: dict[int, list[Item]] = {}
        readable = [row for row in rows if row[1] is not None]
        for _, _, turn, created_at in rows:
            times.setdefault(turn, created_at)
        for row, item in zip(readable, decoded(readable, self._unreadable), strict=True):
            items.setdefault(row[2], []).append(item)
        for turn in sorted(times):
            parts = taken_apart(items.get(turn, ()))
            model, tokens = self._usage_of(turn) if turn in self._spent else (None, None)
            when = iso_utc(times[turn])
            marks, merged = self.marks.get(turn, NO_MARKS), self.merged.get(turn)
            cut = self._cut.get(turn)
            yield TranscriptTurn(turn, parts, model, tokens, when, cut, marks, merged)

    def _usage_of(self, turn: int) -> tuple[str | None, Tokens]:
        model, estimated, *counts = self._spent[turn]
        return values.text(model), Tokens.from_row(counts, estimated)


def read(
    tx: Transaction,
    session_id: str,
    branch_id: str,
    first: int | None,
    last: int | None,
    unreadable: Unreadable,
) -> WholeTurns:
    """The turns from `first` to `last`; None means no bound. Only their rows are read."""
    where = {
        "session_id": session_id,
        "branch_id": branch_id,
        "first": -MAX_INTEGER if first is None else first,
        "last": MAX_INTEGER if last is None else last,
    }
    spent: _Spent = {turn: row for turn, *row in tx.each("runs_of_turns", **where)}
    found = WholeTurns(turns.cut(tx, session_id, branch_id), spent, unreadable)
    found.marks = marks.of_branch(tx, session_id, branch_id)
    rows: list[_Row] = []
    size = 0
    for some in _some_at_a_time(tx.each("items_of_turns", **where), unreadable):
        rows += some
        size += sum(len(row[1]) for row in some if row[1] is not None)
        if size > _PARCEL:
            # More of the last turn may follow.
            end = next((n for n, row in enumerate(rows) if row[2] == rows[-1][2]), 0)
            if end:
                found.add(rows[:end])
                rows = rows[end:]
                size = sum(len(row[1]) for row in rows if row[1] is not None)
    if rows:
        found.add(rows)
    return found


def _some_at_a_time(rows: Iterable[Any], unreadable: Unreadable) -> Iterator[list[_Row]]:
    """Batches of rows, without the data of those that cannot be read."""
    remaining = iter(rows)
    while batch := list(islice(remaining, _ROWS_AT_ONCE)):
        readable = {row[0] for some, _ in in_batches(batch, unreadable) for row in some}
        yield [
            (
                message_id,
                data if message_id in readable else None,
                number if isinstance(number, int) else 0,
                created_at,
            )
            for message_id, data, number, created_at in batch
        ]


def _unpacked(parcel: bytes) -> list[_Row]:
    rows: list[_Row] = marshal.loads(zlib.decompress(parcel))
    return rows
