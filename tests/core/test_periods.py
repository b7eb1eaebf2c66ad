"""Times as users write them, in zones whose clocks change."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from convo import periods

NOW = datetime(2026, 11, 4, 15, 30, 15, tzinfo=UTC)
"""A Wednesday, three days after the clocks went back in New York."""


@pytest.fixture(autouse=True)
def zone(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    named = request.node.callspec.params.get("named") if hasattr(request.node, "callspec") else None
    monkeypatch.setenv("TZ", named or "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("2026-11-02", "2026-11-02 05:00:00", "2026-11-03 05:00:00"),
        # 25 hours, and 23.
        ("2026-11-01", "2026-11-01 04:00:00", "2026-11-02 05:00:00"),
        ("2026-03-08", "2026-03-08 05:00:00", "2026-03-09 04:00:00"),
        ("today", "2026-11-04 05:00:00", "2026-11-05 05:00:00"),
        ("20261101", "2026-11-01 04:00:00", "2026-11-02 05:00:00"),
        ("2026-W44", "2026-10-26 04:00:00", "2026-11-02 05:00:00"),
        ("2026-W44-7", "2026-11-01 04:00:00", "2026-11-02 05:00:00"),
        (" Yesterday ", "2026-11-03 05:00:00", "2026-11-04 05:00:00"),
        ("now", "2026-11-04 15:30:15", "2026-11-04 15:30:15"),
        ("this week", "2026-11-02 05:00:00", "2026-11-09 05:00:00"),
        ("last week", "2026-10-26 04:00:00", "2026-11-02 05:00:00"),
        ("this month", "2026-11-01 04:00:00", "2026-12-01 05:00:00"),
        ("last  month", "2026-10-01 04:00:00", "2026-11-01 04:00:00"),
        ("this year", "2026-01-01 05:00:00", "2027-01-01 05:00:00"),
        ("last year", "2025-01-01 05:00:00", "2026-01-01 05:00:00"),
        ("2026-02", "2026-02-01 05:00:00", "2026-03-01 05:00:00"),
        ("2026-12", "2026-12-01 05:00:00", "2027-01-01 05:00:00"),
        ("2025", "2025-01-01 05:00:00", "2026-01-01 05:00:00"),
        ("2026-11-02 14:30", "2026-11-02 19:30:00", "2026-11-02 19:30:00"),
        ("2026-11-02T14:30:00Z", "2026-11-02 14:30:00", "2026-11-02 14:30:00"),
        ("2026-11-02T14:30:00+02:00", "2026-11-02 12:30:00", "2026-11-02 12:30:00"),
        ("12h", "2026-11-04 03:30:15", "2026-11-04 03:30:15"),
        ("30m", "2026-11-04 15:00:15", "2026-11-04 15:00:15"),
        # The same time of the day, before the clocks went back.
        ("7d", "2026-10-28 14:30:15", "2026-10-28 14:30:15"),
        ("2w", "2026-10-21 14:30:15", "2026-10-21 14:30:15"),
    ],
)
def test_what_a_text_names(text: str, begin: str, end: str) -> None:
    assert (periods.beginning(text, NOW), periods.end(text, NOW)) == (begin, end)


@pytest.mark.parametrize(
    ("named", "begin"),
    [
        ("UTC", "2026-11-04 00:00:00"),
        ("Asia/Kolkata", "2026-11-03 18:30:00"),
        # It is tomorrow there.
        ("Pacific/Kiritimati", "2026-11-04 10:00:00"),
    ],
)
def test_today_is_the_day_of_the_zone(named: str, begin: str) -> None:
    assert periods.beginning("today", NOW) == begin
    assert periods.zone(NOW).startswith(f"{named} (UTC+")


@pytest.mark.parametrize("named", ["America/Sao_Paulo"])
def test_a_day_may_begin_at_one(named: str) -> None:
    del named
    assert periods.beginning("2018-11-04") == "2018-11-04 03:00:00"


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2026-13", "2026-02-30", "0000", "2026-11-02 25:00", "d", "-3d", "9999"],
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a time: give a date|calendar"):
        periods.end(text, NOW)
