"""Stored items read back, many at a time: one call of the decoder costs more than a short item."""

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import orjson

from convo.items.collecting import still
from convo.items.encoding import Item, decode, may_hold_long_number
from convo.items.unreadable import Unreadable

_AT_ONCE = 64
"""Rows that are decoded together; their JSON stays in the processor's cache."""

_MARK = os.urandom(12).hex()
"""Stands between rows, so that no row, whatever is wrong with it, passes for two, or two for one.

It is new in each process: nothing that is stored can hold it.
"""

_BETWEEN = f',"{_MARK}",'.encode()


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
