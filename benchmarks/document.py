"""The page of the documentation that the figures are kept on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks import plot
from benchmarks.plan import Plan
from benchmarks.results import Place

FOLDER = Path(__file__).parents[1] / "docs"

_INTRODUCTION = """\
# Performance

What convo costs beside the class of the OpenAI Agents SDK that it replaces, beside the SDK's plain
`SQLiteSession`, and beside the floor: the standard library's `sqlite3`, which writes the same rows
into the same tables and indexes in as many transactions, as durably (write-ahead log,
`synchronous=FULL`), checking nothing. A turn is four items (a question, a call of a tool, its
output, an answer) of about 1.5 kB together, and its usage. Each of the four runs in a process of
its own, and they take turns. What a call returns is freed after its time was taken, and before the
next subject is asked.

Commands are whole processes, beside those that only import what they need anyway; one-shot chats
also beside `llm` with its plugin `echo`, which has a virtual environment of its own in the user's
cache. The server that chats ask is on loopback and answers at once.

This page is written by `make bench ARGS=--write`. Times depend on the machine, and above all on
what a commit costs on its disk; the ratios are what to look at. Some are of the processor's time,
which other programs and the disk disturb less.
"""


def write(plan: Plan, places: Sequence[Place], report: str, folder: Path = FOLDER) -> None:
    """Write the page and the plot that it shows."""
    folder.mkdir(exist_ok=True)
    image = ""
    if "library" in plan.parts and len(plan.sizes) > 1:
        (folder / "performance.svg").write_text(plot.drawn(places[0]), encoding="utf-8")
        image = "\n![Cost against turns, on logarithmic scales](performance.svg)\n"
    (folder / "performance.md").write_text(f"{_INTRODUCTION}{image}\n{report}", encoding="utf-8")
