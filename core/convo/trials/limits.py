"""Recognises that a server limits the rate of requests, and how long it wants to be left alone."""

from collections.abc import Mapping
from email.utils import mktime_tz, parsedate_tz
from math import isfinite
from time import time
from typing import Any

LONGEST_WAIT = 600.0
"""The longest wait, in seconds, that is kept to; after longer ones the request has failed."""

TRIES = 8
"""How often a prompt is asked at most while its server limits the rate."""

_TOO_MANY = 429
_FIRST = 1.0
_LONGEST_OWN = 60.0
_DEPTH = 5


def wanted_wait(error: BaseException | None, tries: int) -> float | None:
    """The seconds to wait after an error; None if it does not tell of a limit of the rate.

    Such an error has the response of the server, as that of OpenAI's library does, or was raised
    from one that has it. A server that names no time is left alone for longer after each try.
    """
    for _ in range(_DEPTH):
        if error is None:
            return None
        response = getattr(error, "response", None)
        if getattr(response, "status_code", None) == _TOO_MANY:
            headers = getattr(response, "headers", None)
            return wait_of(headers if isinstance(headers, Mapping) else {}, tries)
        error = error.__cause__
    return None


def wait_of(headers: Mapping[str, str], tries: int) -> float | None:
    """The seconds that a response with status 429 asks to wait; None if that is too long."""
    seconds = _named(headers)
    if seconds is None:
        return min(_FIRST * 2.0**tries, _LONGEST_OWN)
    return max(seconds, 0.0) if seconds <= LONGEST_WAIT else None


def _named(headers: Mapping[str, Any]) -> float | None:
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            seconds = float(headers.get(name, "")) / unit
        except (TypeError, ValueError):
            continue
        return seconds if isfinite(seconds) else None
    try:
        date = parsedate_tz(headers.get("retry-after", ""))
        return None if date is None else mktime_tz(date) - time()
    except (TypeError, ValueError, OverflowError):
        return None
