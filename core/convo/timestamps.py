"""Times, as they are stored and as they are shown."""


def iso_utc(stored: str | None) -> str:
    """SQLite's "2026-11-22 16:50:36" (UTC) as "2026-11-22T16:50:36Z"; what is no time, as it is."""
    if not stored:
        return ""
    text = str(stored)
    if len(text) == len("2026-11-22 16:50:36") and text[10] == " ":
        return f"{text[:10]}T{text[11:]}Z"
    return text
