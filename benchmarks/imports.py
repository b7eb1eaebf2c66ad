"""What an import of another program's conversations takes: sessions a second, and memory."""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import targets
from benchmarks.figures import met, table
from convo import ConversationStore
from convo.importing.choosing import Choice, Totals
from convo.importing.registry import source_called
from convo.importing.source import Report

_LINE = "It rains in Oslo, and it will rain tomorrow. "


def small(count: int) -> Iterator[str]:
    """Conversations of 1 kB, for `openai-jsonl`."""
    for number in range(count):
        said = [("user", f"Question {number}? {_LINE * 9}"), ("assistant", _LINE * 10)]
        yield json.dumps({"messages": [{"role": role, "content": text} for role, text in said]})


def large(count: int) -> Iterator[str]:
    """Conversations of 100 kB in one array, for `sharegpt`."""
    for number in range(count):
        said = [
            {"from": "human" if turn % 2 == 0 else "gpt", "value": f"{number} {_LINE * 22}"}
            for turn in range(98)
        ]
        yield ("[" if number == 0 else ",") + json.dumps({"conversations": said})
    yield "]"


EXPORTS: dict[str, tuple[str, Callable[[int], Iterator[str]]]] = {
    "conversations of 1 kB": ("openai-jsonl", small),
    "conversations of 100 kB, in one array": ("sharegpt", large),
}


async def taken(source: str, path: Path, database: Path) -> dict[str, Any]:
    """Import a file twice; the sessions, the seconds of both times, and the peak in megabytes.

    `processor` has the seconds of the processor, which other programs do not take away.
    """
    seconds, processor = [], []
    new = 0
    for _ in range(2):
        totals = Totals()
        begun, begun_there = time.perf_counter(), time.process_time()
        async with ConversationStore(database, create=True) as store:
            await store.import_from(source_called(source), [path], Choice(), Report(), totals)
        seconds.append(time.perf_counter() - begun)
        processor.append(time.process_time() - begun_there)
        new += totals.new
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "sessions": new,
        "seconds": seconds,
        "processor": processor,
        "peak": peak * 1024 / 1e6,
    }


def measured(counts: tuple[int, int]) -> str:
    """A table of imports of so many conversations, each in a process of its own."""
    rows = []
    for (name, (source, make)), count in zip(EXPORTS.items(), counts, strict=True):
        with TemporaryDirectory(prefix="convo-bench-") as folder:
            path = Path(folder) / "export"
            with path.open("w") as file:
                file.writelines(f"{line}\n" for line in make(count))
            size = path.stat().st_size / 1e6
            command = [sys.executable, "-m", "benchmarks.imports", source, path, f"{folder}/c.db"]
            done = subprocess.run(command, check=True, capture_output=True)
        found = json.loads(done.stdout)
        first, again = (found["sessions"] / one for one in found["seconds"])
        is_fast = first >= targets.IMPORTED_A_SECOND or source != "openai-jsonl"
        is_met = is_fast and found["peak"] <= targets.IMPORT_PEAK
        rows.append(
            [
                f"{count:,} {name}",
                f"{size:,.0f} MB",
                f"{first:,.0f}",
                f"{again:,.0f}",
                f"{found['sessions'] / found['processor'][0]:,.0f}",
                f"{found['peak']:,.0f} MB",
                met(is_met),
            ]
        )
    head = ["import", "file", "sessions a second", "again", "of the processor", "peak", "met"]
    note = (
        f"At least {targets.IMPORTED_A_SECOND:,} conversations of 1 kB a second, and at most "
        f"{targets.IMPORT_PEAK} MB, however large the file is. *Again* takes nothing new."
    )
    return f"## Importing\n\n{note}\n\n{table(head, rows)}"


if __name__ == "__main__":
    _, name, export, file = sys.argv
    print(json.dumps(asyncio.run(taken(name, Path(export), Path(file)))))
