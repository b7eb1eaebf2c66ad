"""Times, as they are stored and as they are shown."""

from datetime import UTC, datetime

_STORED = len("2026-11-22 16:50:36")


def iso_utc(stored: object) -> str:
    """SQLite's "2026-11-22 16:50:36" (UTC) as "2026-11-22T16:50:36Z"; "" for what is no time."""
    try:
        moment = datetime.fromisoformat(str(stored))
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return ""
    if isinstance(stored, str) and len(stored) == _STORED:
        return f"{stored[:10]}T{stored[11:]}Z"
    return f"{moment.isoformat(timespec='seconds')}Z"
