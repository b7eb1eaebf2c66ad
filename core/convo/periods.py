"""Reads times as users write them: `2026-11-22`, `7d`, `yesterday`, `last week`.

They are in the time zone of the process, which is that of `TZ` or of the system; results are texts
in UTC, as the ledger has them. A week begins on Monday.
"""

import os
import re
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

_AGO = re.compile(r"([0-9]{1,5})\s*(m|min|h|d|w)")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_YEAR = re.compile(r"[0-9]{4}")
_NAMED = re.compile(r"(this|last) (week|month|year)")
_WEEK = re.compile(r"[0-9]{4}-?W[0-9]{2}")

_ZONES = "/zoneinfo/"

EXAMPLES = (
    "a date (2026-11-22), a month (2026-11), a time ('2026-11-22 14:30'), 7d, 12h, today, "
    "yesterday, this week, last month"
)


def beginning(text: str, now: datetime | None = None) -> str:
    """The moment that a text names, or the beginning of the day or period. Raises ValueError."""
    return _utc(_span(text, _local(now))[0])


def end(text: str, now: datetime | None = None) -> str:
    """The moment that a text names, or the end of the day or period. Raises ValueError."""
    return _utc(_span(text, _local(now))[1])


def zone(now: datetime | None = None) -> str:
    """The time zone of the process and its offset now: `Europe/Berlin (UTC+01:00)`."""
    local = (now or datetime.now(UTC)).astimezone()
    offset = local.isoformat()[-6:]
    named = os.environ.get("TZ", "").lstrip(":") or _zone_of_system() or time.tzname[0]
    return f"{named} (UTC{offset})"


def _local(now: datetime | None) -> datetime:
    """The local time, without its zone: days and months are counted by the calendar."""
    return (now or datetime.now(UTC)).astimezone().replace(tzinfo=None)


def _span(text: str, now: datetime) -> tuple[datetime, datetime]:
    """The beginning and the end of what a text names, in local time or with a zone."""
    said = " ".join(text.lower().split())
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        if said in {"now", "today", "yesterday"}:
            day = today - timedelta(days=said == "yesterday")
            return (now, now) if said == "now" else (day, day + timedelta(days=1))
        if (ago := _AGO.fullmatch(said)) is not None:
            return _ago(int(ago[1]), ago[2], now)
        if (named := _NAMED.fullmatch(said)) is not None:
            return _named(named[1] == "last", named[2], today)
        if (month := _MONTH.fullmatch(said)) is not None:
            first = datetime(int(month[1]), int(month[2]), 1)  # noqa: DTZ001  local
            return first, _months_later(first, 1)
        if _YEAR.fullmatch(said):
            first = datetime(int(said), 1, 1)  # noqa: DTZ001  local
            return first, _months_later(first, 12)
        moment = datetime.fromisoformat(text.strip())
        return moment, moment + timedelta(days=_days(text.strip()))
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is not a time: give {EXAMPLES}") from None


def _days(text: str) -> int:
    """How many days a date in one of the forms of ISO 8601 names; 0 if it has a time of day."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return 0
    return 7 if _WEEK.fullmatch(text) else 1


def _ago(count: int, unit: str, now: datetime) -> tuple[datetime, datetime]:
    if unit in {"d", "w"}:
        # The same time of the day, also if the clocks were changed since.
        moment = now - timedelta(days=count * (7 if unit == "w" else 1))
        return moment, moment
    passed = timedelta(hours=count) if unit == "h" else timedelta(minutes=count)
    moment = now.astimezone(UTC) - passed
    return moment, moment


def _named(is_last: bool, what: str, today: datetime) -> tuple[datetime, datetime]:
    if what == "week":
        first = today - timedelta(days=today.weekday() + 7 * is_last)
        return first, first + timedelta(days=7)
    months = 1 if what == "month" else 12
    first = today.replace(day=1) if what == "month" else today.replace(month=1, day=1)
    first = _months_later(first, -months * is_last)
    return first, _months_later(first, months)


def _months_later(first: datetime, months: int) -> datetime:
    """The first day of a month, so many months later."""
    years, month = divmod(first.month - 1 + months, 12)
    return first.replace(year=first.year + years, month=month + 1)


def _utc(moment: datetime) -> str:
    """A moment in UTC as text; one without a zone is local."""
    try:
        found = moment.astimezone(UTC)
        if moment.tzinfo is None and found.astimezone().replace(tzinfo=None) != moment:
            # The clocks are put forward over this time: what comes next is its end.
            found = max(found, moment.replace(fold=1).astimezone(UTC))
        return found.strftime("%Y-%m-%d %H:%M:%S")
    except (OverflowError, ValueError, OSError):
        raise ValueError("the time is outside of the calendar") from None


def _zone_of_system() -> str | None:
    """The name of the system's time zone; None if that is not known."""
    try:
        target = os.path.realpath(Path("/etc/localtime"))
    except OSError:
        return None
    return target.partition(_ZONES)[2] or None
