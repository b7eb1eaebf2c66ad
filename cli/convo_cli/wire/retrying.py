"""Whether, and when, a request that failed is sent again, as OpenAI's library does it."""

import math
import time
from collections.abc import Mapping
from email.utils import mktime_tz, parsedate_tz

RETRIES = 2

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 8.0
_LONGEST_WAIT = 120.0
"""Seconds for which a server may ask; one that wants more is not asked again."""

_AGAIN = frozenset({408, 409, 429})


def is_worth_it(status: int, headers: Mapping[str, str]) -> bool:
    """Whether a request that got this answer is sent again."""
    wanted = wanted_delay(headers)
    if wanted is not None and wanted > _LONGEST_WAIT:
        return False
    said = headers.get("x-should-retry")
    if said in ("true", "false"):
        return said == "true"
    return status in _AGAIN or status >= 500


def delay(retries: int, headers: Mapping[str, str], chance: float) -> float:
    """Seconds to wait before the next try, after so many; `chance` is a random number below 1."""
    wanted = wanted_delay(headers)
    if wanted is not None and 0 < wanted <= _LONGEST_WAIT:
        return wanted
    longest: float = min(_FIRST_DELAY * 2**retries, _LONGEST_DELAY)
    return longest * (1 - 0.25 * chance)


def wanted_delay(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to be left alone for, None where it does not say."""
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            seconds = float(headers.get(name, "")) / unit
        except ValueError:
            continue
        # Too long a number is no less of a wait than the longest.
        return None if math.isnan(seconds) else seconds
    try:
        date = parsedate_tz(headers.get("retry-after", ""))
        return None if date is None else mktime_tz(date) - time.time()
    except (TypeError, ValueError, OverflowError):
        return None
