"""Stored items read back, many at a time: one call of the decoder costs more than a short item."""

import gc
import logging
import os
import threading
from collections.abc import Iterable, Iterator
from itertools import islice
from types import TracebackType
from typing import Any

import orjson

from convo.items.encoding import Item, decode, may_hold_long_number
from convo.storage.forking import in_child

_AT_ONCE = 64
"""Rows that are decoded together; their JSON stays in the processor's cache."""

_MARK = os.urandom(12).hex()
"""Stands between rows, so that no row, whatever is wrong with it, passes for two, or two for one.

It is new in each process: nothing that is stored can hold it.
"""

_BETWEEN = f',"{_MARK}",'.encode()


class Unreadable:
    """Tells of each message that cannot be read, once, however often it is met."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._told: set[int] = set()

    def tell(self, message_id: int, error: Exception) -> None:
        """Log that a message is left out, and why, unless that has been said."""
        if message_id not in self._told:
            self._told.add(message_id)
            self._logger.warning("message %s cannot be read and is left out: %s", message_id, error)


class Stillness:
    """Switches Python's cycle collector off while at least one thread is inside, if it was on.

    It looks through all objects of the process again and again while a long conversation is read,
    to find no garbage: with the Agents SDK loaded that takes longer than the reading.
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

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._guard:
            self._inside -= 1
            if self._inside == 0 and self._was_on:
                gc.enable()

    def renew(self) -> None:
        """Start over, as in the child of a fork, where nobody is inside."""
        was_still = self._inside > 0 and self._was_on
        self._guard, self._inside = threading.Lock(), 0
        if was_still:
            gc.enable()


still = Stillness()
in_child(still.renew)


def decoded(rows: Iterable[Any], unreadable: Unreadable) -> list[Item]:
    """The items of rows `(message id, data, …)`; a row that holds none is left out."""
    items: list[Item] = []
    with still:
        for _, found in in_batches(rows, unreadable):
            items += found
    return items


def in_batches(
    rows: Iterable[Any], unreadable: Unreadable
) -> Iterator[tuple[list[Any], list[Item]]]:
    """Some rows `(message id, data, …)` at a time, and the items that they hold, one for each.

    A row that holds none is left out, and told of.
    """
    remaining = iter(rows)
    while batch := list(islice(remaining, _AT_ONCE)):
        items = _together([row[1] for row in batch])
        yield _one_by_one(batch, unreadable) if items is None else (batch, items)


def values_of(cells: Iterable[bytes | None]) -> list[Item]:
    """What each cell with JSON holds; None for one that holds none."""
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
    """The items of some rows; None where one of them has to be looked at more closely."""
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


def _one_by_one(rows: list[Any], unreadable: Unreadable) -> tuple[list[Any], list[Item]]:
    readable, items = [], []
    for row in rows:
        try:
            items.append(decode(row[1]))
        except ValueError as error:
            unreadable.tell(row[0], error)
        else:
            readable.append(row)
    return readable, items
