"""Figures as text: times, ratios, verdicts, and Markdown tables of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

NONE = "-"
"""What stands where nothing was measured."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; its first column is text, the others are figures."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def duration(seconds: float | None) -> str:
    """A time with three digits, in the unit that suits it."""
    if seconds is None:
        return NONE
    for unit, scale in (("µs", 1e6), ("ms", 1e3)):
        if seconds * scale < 999.5:
            return f"{_three_digits(seconds * scale)} {unit}"
    return f"{_three_digits(seconds)} s"


def times(ratio: float | None) -> str:
    """A ratio."""
    return NONE if ratio is None else f"{_three_digits(ratio)}x"


def met(is_met: bool | None) -> str:
    """A verdict."""
    return NONE if is_met is None else "yes" if is_met else "**no**"


def _three_digits(number: float) -> str:
    digits = 2 - math.floor(math.log10(number)) if number > 0 else 0
    return f"{number:,.{min(max(digits, 0), 2)}f}"
