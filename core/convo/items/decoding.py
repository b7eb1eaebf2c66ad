"""Decode stored items in batches: a call of the decoder costs more than a short item."""

import gc
import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

import orjson

from convo.items.encoding import Item, decode, may_hold_long_number
from convo.storage.forking import in_child

_AT_ONCE = 64
"""Rows that are decoded together; their JSON fits in the processor's cache."""

_LETTERS = str.maketrans("0123456789", "ghijklmnop")

_MARK = os.urandom(12).hex().translate(_LETTERS)
"""Separates rows, so that a malformed row cannot be taken for two, or two for one.

It is random in each process: no stored row can contain it. It has no digits, of which a few would
make `may_hold_long_number` look twice at every batch.
"""

_BETWEEN = f',"{_MARK}",'.encode()


MessageIds = Callable[[], Sequence[int]]
"""Returns the message ids of all rows of a query, in order."""


class Unreadable:
    """Logs each message that cannot be read, once."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._told: set[int] = set()

    def tell(self, message_id: int, error: Exception) -> None:
        """Log that a message is left out, and why, unless that has been logged before."""
        if message_id not in self._told:
            self._told.add(message_id)
            self._logger.warning("message %s cannot be read and is left out: %s", message_id, error)


class Stillness:
    """Disables Python's cycle collector while at least one thread is inside, if it was enabled.

    While a long conversation is read, the collector scans all objects of the process again and
    again and finds no garbage: with the Agents SDK loaded, that takes longer than the reading.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._inside = 0
        self._was_on = False

    def __enter__(self) -> None:
        with self._guard:
            if self._inside == 0:
                self._was_on = gc.isenabled()
                gc.disable()
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._guard:
            self._inside -= 1
            if self._inside == 0 and self._was_on:
                gc.enable()

    def renew(self) -> None:
        """Start over in the child of a fork, where no thread is inside."""
        was_still = self._inside > 0 and self._was_on
        self._guard, self._inside = threading.Lock(), 0
        if was_still:
            gc.enable()


still = Stillness()
in_child(still.renew)


def decoded(
    rows: Iterable[Any], unreadable: Unreadable, ids: MessageIds | None = None
) -> list[Item]:
    """The items of rows, which are as for `in_batches`; unreadable rows are left out."""
    items: list[Item] = []
    with still:
        for _, found in in_batches(rows, unreadable, ids):
            items += found
    return items


def in_batches(
    rows: Iterable[Any], unreadable: Unreadable, ids: MessageIds | None = None
) -> Iterator[tuple[list[Any], list[Item]]]:
    """Batches of rows `(message id, data, …)`, each with the items of its rows.

    With `ids`, the rows are `(data, …)`: a column that is hardly ever needed takes time in each
    row of a long conversation. Unreadable rows are left out and logged.
    """
    remaining = iter(rows)
    column = 1 if ids is None else 0
    begun = 0
    while batch := list(islice(remaining, _AT_ONCE)):
        items = _together([row[column] for row in batch])
        if items is None:
            yield _one_by_one(batch, column, unreadable, partial(_id, batch, begun, ids))
        else:
            yield batch, items
        begun += len(batch)


def values_of(cells: Iterable[bytes | None]) -> list[Item]:
    """The value of each cell with JSON; None for one that cannot be decoded."""
    values: list[Item] = []
    remaining = iter(cells)
    with still:
        while batch := list(islice(remaining, _AT_ONCE)):
            found = _together(batch)
            values += map(_value, batch) if found is None else found
    return values


def _value(cell: bytes | None) -> Item:
    try:
        return decode(cell)
    except ValueError:
        return None


def _together(data: list[Any]) -> list[Item] | None:
    """The items of some rows; None if they have to be decoded one by one."""
    try:
        joined = _BETWEEN.join(data)
        if may_hold_long_number(joined):
            return None
        found = orjson.loads(b"[%b]" % joined)
    except (TypeError, ValueError):
        return None
    if len(found) != 2 * len(data) - 1 or found[1::2] != [_MARK] * (len(data) - 1):
        return None
    return found[::2]  # type: ignore[no-any-return]


def _one_by_one(
    rows: list[Any], column: int, unreadable: Unreadable, id_of: Callable[[int], int]
) -> tuple[list[Any], list[Item]]:
    readable, items = [], []
    for position, row in enumerate(rows):
        try:
            items.append(decode(row[column]))
        except ValueError as error:
            unreadable.tell(id_of(position), error)
        else:
            readable.append(row)
    return readable, items


def _id(rows: list[Any], begun: int, ids: MessageIds | None, position: int) -> int:
    """The message of a row, of which `begun` others are before these."""
    found: int = rows[position][0] if ids is None else ids()[begun + position]
    return found
