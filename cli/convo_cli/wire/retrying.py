"""Decides whether and when a failed request is repeated, by the rules of OpenAI's library."""

import time
from collections.abc import Mapping
from email.utils import mktime_tz, parsedate_tz

RETRIES = 2

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 8.0
_LONGEST_WAIT = 120.0
"""The longest delay that a server may ask for, in seconds: after longer ones there is no retry."""

_AGAIN = frozenset({408, 409, 429})


def is_worth_it(status: int, headers: Mapping[str, str]) -> bool:
    """Whether to repeat a request after this response."""
    wanted = wanted_delay(headers)
    if wanted is not None and wanted > _LONGEST_WAIT:
        return False
    said = headers.get("x-should-retry")
    if said in ("true", "false"):
        return said == "true"
    return status in _AGAIN or status >= 500


def delay(retries: int, headers: Mapping[str, str], chance: float) -> float:
    """Seconds to wait before the next retry; `chance` is a random number below 1."""
    wanted = wanted_delay(headers)
    if wanted is not None and 0 < wanted <= _LONGEST_WAIT:
        return wanted
    longest: float = min(_FIRST_DELAY * 2**retries, _LONGEST_DELAY)
    return longest * (1 - 0.25 * chance)


def wanted_delay(headers: Mapping[str, str]) -> float | None:
    """The delay that the server asks for, in seconds; None if it asks for none."""
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        given = headers.get(name, "")
        try:
            seconds = float(given) / unit
        except ValueError:
            continue
        # A number too large to convert counts as the longest wait, but `inf` and `nan` are words.
        return seconds if any(map(str.isdigit, given)) else None
    try:
        date = parsedate_tz(headers.get("retry-after", ""))
        return None if date is None else mktime_tz(date) - time.time()
    except (TypeError, ValueError, OverflowError):
        return None
