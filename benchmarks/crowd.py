"""Many sessions on one file in one process, all appending at once."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import subjects, talk
from benchmarks.results import CrowdResult
from benchmarks.subjects import Subject

_LOOK_EVERY = 0.02


@dataclass(frozen=True)
class Crowd:
    """How many sessions there are, and how many turns each appends."""

    sessions: int
    turns: int


@dataclass
class Peak:
    """The most file descriptors, beyond those before the first session, and the most threads."""

    descriptors: int = 0
    threads: int = 0


async def append_at_once(subject: Subject, path: Path, crowd: Crowd, *, cpu: bool) -> CrowdResult:
    """Turns a second, and the peaks while they were appended; opening and closing are not timed.

    With `cpu`, a second is one of the processor.
    """
    clock = time.process_time if cpu else time.perf_counter
    _allow_many_files()
    before = _descriptors()
    sessions = [subject.opened(path, f"session {number}") for number in range(crowd.sessions)]
    peak = Peak()
    watching = asyncio.create_task(_watch(peak, before))
    begun = clock()
    await asyncio.gather(*(_append(session, crowd.turns) for session in sessions))
    took = clock() - begun
    _look(peak, before)
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
    for session in sessions:
        await subjects.close(session)
    return CrowdResult(crowd.sessions * crowd.turns / took, peak.descriptors, peak.threads)


async def _append(session: Any, turns: int) -> None:
    for number in range(1, turns + 1):
        await session.add_items(talk.items(str(number), "crowd"))


async def _watch(peak: Peak, before: int) -> None:
    while True:
        _look(peak, before)
        await asyncio.sleep(_LOOK_EVERY)


def _look(peak: Peak, before: int) -> None:
    peak.descriptors = max(peak.descriptors, _descriptors() - before)
    peak.threads = max(peak.threads, threading.active_count())


def _descriptors() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())


def _allow_many_files() -> None:
    """As many open files as the system lets this process have: some subjects want thousands."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
