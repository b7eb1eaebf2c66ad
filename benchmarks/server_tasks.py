"""What the processes of a subject do on a server; `workers.py` sends them these tasks."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from typing import Any, NamedTuple

from benchmarks import talk
from benchmarks.crowd import Peak
from benchmarks.server_subjects import ServerSubject
from benchmarks.subjects import append

_AT_ONCE = 250
"""Turns that are stored by one call where a conversation is made."""


class Span(NamedTuple):
    """When the work of a process began and ended, by the clock of the machine."""

    begun: float
    ended: float


async def fill(subject: ServerSubject, url: str, session_id: str, turns: int) -> None:
    """Make a conversation of so many turns."""
    session = subject.opened(url, session_id)
    for first in range(1, turns + 1, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, turns + 1))
        await session.add_items(
            [item for turn in numbers for item in talk.items(str(turn), talk.token_of(turn))]
        )
    await subject.close([session])


async def times(
    subject: ServerSubject, url: str, session_id: str, operation: str, budget: float, most: int
) -> list[float]:
    """Seconds that an operation took, each time; the first, which connects, is left out."""
    session = subject.opened(url, session_id)
    result = talk.result()
    found: list[float] = []
    gc.collect()
    until = time.perf_counter() + budget
    for number in range(most + 1):
        items = talk.items(f"more {number}", "more")
        begun = time.perf_counter()
        if operation == "append":
            await append(session, items, result)
        elif operation == "read_20":
            assert len(await session.get_items(20)) == 20
        elif operation == "read_all":
            await session.get_items()
        else:
            popped = await session.pop_item()
        found.append(time.perf_counter() - begun)
        if operation == "pop":
            await session.add_items([popped])
        if number and time.perf_counter() > until:
            break
    await subject.close([session])
    return found[1:]


async def clients(
    subject: ServerSubject,
    url: str,
    session_ids: list[str],
    turns: int,
    with_usage: bool,
    starts_at: float,
) -> Span:
    """Append so many turns to each of these sessions at once, beginning at a time of day."""
    sessions = [subject.opened(url, session_id) for session_id in session_ids]
    for session in sessions:
        await session.get_items(1)
    result = talk.result() if with_usage else None
    await asyncio.sleep(max(0.0, starts_at - time.time()))
    begun = time.time()
    await asyncio.gather(*(_append(session, result, turns) for session in sessions))
    ended = time.time()
    await subject.close(sessions)
    return Span(begun, ended)


async def crowd(subject: ServerSubject, url: str, sessions: int, turns: int) -> tuple[float, int]:
    """Turns a second of so many sessions at once, and the most threads meanwhile."""
    opened = [subject.opened(url, f"crowd {number}") for number in range(sessions)]
    peak = Peak()
    watching = asyncio.create_task(_watch(peak))
    begun = time.perf_counter()
    await asyncio.gather(*(_append_items(session, turns) for session in opened))
    took = time.perf_counter() - begun
    watching.cancel()
    await subject.close(opened)
    return sessions * turns / took, peak.threads


async def _watch(peak: Peak) -> None:
    while True:
        peak.threads = max(peak.threads, threading.active_count())
        await asyncio.sleep(0.02)


async def _append(session: Any, result: Any, turns: int) -> None:
    for number in range(turns):
        items = talk.items(str(number), "client")
        if result is None:
            await session.add_items(items)
        else:
            await append(session, items, result)


async def _append_items(session: Any, turns: int) -> None:
    for number in range(turns):
        await session.add_items(talk.items(str(number), "crowd"))
