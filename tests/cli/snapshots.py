"""Whole outputs, kept in files: `SNAPSHOTS=write make test` writes them again, to be looked at."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).with_name("snapshots")


def check(name: str, text: str) -> None:
    """Compare a text with the snapshot of that name."""
    path = FOLDER / name
    if os.environ.get("SNAPSHOTS") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"{path} is something else"
