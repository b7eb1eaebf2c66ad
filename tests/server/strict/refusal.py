"""A refused request: what the real API answers to one that it does not take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class RefusedError(Exception):
    """Raised by the check that found something; `check` is the name of that check."""

    check: str
    message: str
    param: str | None = None
    code: str | None = None
    status: int = 400

    def __str__(self) -> str:
        return self.message
