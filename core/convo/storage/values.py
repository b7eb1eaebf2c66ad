"""Check single values of rows: a file that others wrote may hold anything.

SQLite stores any type of value in any column. A name that is not a text could not be used in any
other call, so that a row with one is left out of a list and logged.
"""

import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from math import isfinite
from typing import Any, TypeVar

T = TypeVar("T")
Row = TypeVar("Row", bound=Sequence[Any])

MAX_INTEGER = 2**63 - 1
"""The largest number that a database stores; as a limit, it means no limit."""

_STORED_TIME = len("2026-11-22 16:50:36")

_logger = logging.getLogger("convo")
_told: set[str] = set()


def text(value: object) -> str | None:
    """The value if it is a text, else None."""
    return value if isinstance(value, str) else None


def shown(value: object) -> str:
    """The value if it is a text, else its representation: of a damaged row, which counts too."""
    return value if isinstance(value, str) else repr(value)


def whole(value: object) -> int | None:
    """The value as an integer, without any fraction, if it is a number, else None."""
    if isinstance(value, float):
        return int(value) if isfinite(value) else None
    return value if isinstance(value, int) else None


def real(value: object) -> float | None:
    """The value as a floating-point number if it is a finite number, else None."""
    return float(value) if isinstance(value, int | float) and isfinite(value) else None


def list_of(kind: type[T], data: str) -> list[T]:
    """The elements of a JSON list that are of a type: others may have written anything there."""
    found = json.loads(data)
    return [one for one in found if isinstance(one, kind)] if isinstance(found, list) else []


def named(rows: list[Row], what: str) -> list[Row]:
    """The rows whose first value is a text; `what` says what they are in the log."""
    found = [row for row in rows if type(row[0]) is str]
    if len(found) < len(rows) and what not in _told:
        _told.add(what)
        _logger.warning("a %s whose name is not text is left out", what)
    return found


def iso_utc(stored: object) -> str:
    """A stored "2026-11-22 16:50:36" (UTC) as "2026-11-22T16:50:36Z"; "" if it is not a time."""
    try:
        moment = datetime.fromisoformat(str(stored))
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return ""
    if isinstance(stored, str) and len(stored) == _STORED_TIME:
        return f"{stored[:10]}T{stored[11:]}Z"
    return f"{moment.isoformat(timespec='seconds')}Z"
