"""What one drawing of an answer costs while a block of it is still open."""

from __future__ import annotations

import gc
import io
import time
from statistics import median

from benchmarks import targets
from benchmarks.figures import duration, met, table
from convo_cli.ask.screens.markdown import AnswerScreen
from convo_cli.terminal import Terminal

LENGTHS = (1_000, 24_000, 200_000)
"""Characters of the open block."""

PIECE = 40
"""Characters that arrive between two drawings."""

_DRAWINGS = 200
_LOOK = {"COLUMNS": "100", "LINES": "40", "TERM": "xterm-256color"}
_SENTENCE = "The **night** stays `clear` until four, and [colder](http://a.b) than it *is*."

BLOCKS = {
    "code": ("```python\n", "    return [g(i) for i in x if i == 'abc']  # words\n"),
    "table": ("| a | b | c |\n|---|---|---|\n", "| one **two** | some words here | 12 |\n"),
    "list": ("", f"- {_SENTENCE}\n"),
    "paragraph": ("", f"{_SENTENCE}\n"),
    "quotation": ("", f"> {_SENTENCE}\n"),
    "nested items": ("1. One\n   - two\n\n     > three\n", f"     > - {_SENTENCE}\n"),
    "one line": ("", f"{_SENTENCE} "),
}


class _Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def drawings(begin: str, rest: str, length: int) -> list[float]:
    """Seconds of the processor that the last drawings of a block of some length take."""
    text = (begin + rest * (length // len(rest) + 1))[:length]
    screen = AnswerScreen(Terminal(None, _Screen(), None, _LOOK))
    measured = max(length - _DRAWINGS * PIECE, 0)
    taken = []
    for at in [*range(0, measured, 1_000), *range(measured, length, PIECE)]:
        piece = text[at : at + PIECE if at >= measured else min(at + 1_000, measured)]
        screen._stream.feed(piece)
        begun = time.process_time()
        screen._draw()
        if at >= measured:
            taken.append(time.process_time() - begun)
    return taken


def measured() -> str:
    """A table of what a drawing takes, and whether it is what it may take."""
    # The lexers are loaded by the first of all drawings.
    drawings(*BLOCKS["code"], 1_000)
    head = ["drawing an open block", *(f"{length:,} characters" for length in LENGTHS)]
    rows = []
    for name, (begin, rest) in BLOCKS.items():
        gc.collect()
        found = [drawings(begin, rest, length) for length in LENGTHS]
        # One in a hundred is left to what else the machine does.
        slowest = [sorted(one)[-max(len(one) // 100, 1) - 1] for one in found]
        figures = [
            f"{duration(median(one))}, at most {duration(most)}"
            for one, most in zip(found, slowest, strict=True)
        ]
        is_met = all(most <= targets.DRAWING_SECONDS for most in slowest)
        asked = f"≤ {duration(targets.DRAWING_SECONDS)}"
        rows.append([name, *figures, asked, met(is_met)])
    note = f"A drawing follows {PIECE} characters; the time is the processor's."
    return f"## Drawing an answer\n\n{note}\n\n{table([*head, 'target', 'met'], rows)}"
