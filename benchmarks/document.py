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

_BOUNDS = """\

## What bounds the rest

Parts of a call, in time of the processor, measured by themselves on one core of the machine above:

- **An append by the clock.** A turn and its usage are two calls, and so two durable commits, of 11
  and 5 pages (the SDK's class writes 11 and 4): that is the floor, half of what convo takes. What
  the SDK's class takes beyond its commits grows with the conversation. With clocks between its
  parts it took 890 µs, of which 400 for the two commits, 170 for the four ways from thread to
  thread, 90 for the other statements, and 220 for Python. A file that has just been opened has a
  new log, which grows up to 1,000 pages, some 60 turns, before SQLite writes it from its start
  again: a commit that makes it longer waits 85 to 130 µs more, for the file system to note that.
- **`get_session_usage()`.** For 100 turns, adding up takes 12 of 47 µs, and for 10,000 nearly all
  of 1.2 ms, from an index alone, which costs an append 1%; the SDK's class reads the rows, in 16 µs
  and 1.4 ms. The way to the thread of the connection and back takes 22 µs. The sum is kept until
  somebody writes to the file; the first after a write takes about the SDK's time.
- **`list_branches()` of 1,000 short branches.** Both take one pass over the rows of the session, in
  groups by branch: 1.4 of 1.7 ms, of which 0.3 are for the times of the branches. An index that has
  those too would save 0.2 ms, and cost `delete_branch` 7%. Sorting in memory takes 0.05 ms more
  than SQLite's default, which sorts in a file when it has much to sort, and fails if the disk is
  full. A list that is asked for again is kept as long as nobody writes to the file.
- **`get_conversation_turns()` of 10,000 turns.** Of 12 ms, SQLite takes 8 to find and copy the
  questions, each on a page of its own, orjson with the check for long numbers 2, and the
  dictionaries 2. The pages and the result of 50,000 turns do not fit in the processor's cache of
  32 MB, and each turn takes 1.4 times as long: a larger cache of SQLite does not change that, and
  mapping the file makes it worse.
- **`convo usage` of 10,000 turns.** Adding up as many runs takes 9 ms, of which 6 are to read their
  rows and to look whether their turns exist; to sort them by model, server and the rest took 17.
- **An append on a server.** A turn and its usage are two transactions of two messages each, with a
  durable commit each; `SQLAlchemySession` stores a turn alone, in one transaction of six messages
  with one INSERT. A slow network shows the messages, a near server the second commit and the work:
  0.9 ms of the server's processor and 0.6 of the client's, beside 0.3 and 0.8. Clients that all
  append at once are bound by that, as the server shares the two cores with them.
"""


def write(plan: Plan, places: Sequence[Place], report: str, folder: Path = FOLDER) -> None:
    """Write the page and the plot that it shows."""
    folder.mkdir(exist_ok=True)
    image = ""
    if "library" in plan.parts and len(plan.sizes) > 1:
        (folder / "performance.svg").write_text(plot.drawn(places[0]), encoding="utf-8")
        image = "\n![Cost against turns, on logarithmic scales](performance.svg)\n"
    bounds = _BOUNDS if "library" in plan.parts else ""
    (folder / "performance.md").write_text(
        f"{_INTRODUCTION}{image}\n{report}{bounds}", encoding="utf-8"
    )
