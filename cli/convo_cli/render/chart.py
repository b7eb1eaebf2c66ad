"""Draws bars in a terminal: one line for each group."""

from collections.abc import Sequence
from typing import NamedTuple

from convo_cli.render.terminal.grid import cells, fitted
from convo_cli.render.terminal.look import Look

_EIGHTHS = " ▏▎▍▌▋▊▉"
_SHORTEST = 8
"""Cells that are left for the longest bar on a narrow terminal."""


class Bar(NamedTuple):
    """A label, a number of 0 or more, and that number in words."""

    label: str
    value: float
    said: str


def chart(bars: Sequence[Bar], look: Look) -> str:
    """One line for each bar: its label, the bar, and its number."""
    if not bars:
        return ""
    said = max(cells(bar.said) for bar in bars)
    most = max(look.width - 1 - said - 2 - _SHORTEST - 2, _SHORTEST)
    name = min(max(cells(bar.label) for bar in bars), most)
    room = max(look.width - 1 - name - said - 4, _SHORTEST)
    highest = max(bar.value for bar in bars)
    lines = []
    for bar in bars:
        label = fitted(bar.label, name, look.ellipsis)
        drawn = _drawn(bar.value / highest * room if highest else 0, unicode=look.unicode)
        pad = " " * (name - cells(label))
        lines.append(f"{label}{pad}  {drawn}{' ' * (room - len(drawn))}  {bar.said:>{said}}")
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _drawn(length: float, *, unicode: bool) -> str:
    """A bar of that many cells; of something there is always a bit to see."""
    if not unicode:
        return "#" * max(round(length), 1 if length > 0 else 0)
    eighths = max(round(length * 8), 1 if length > 0 else 0)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (_EIGHTHS[rest] if rest else "")
