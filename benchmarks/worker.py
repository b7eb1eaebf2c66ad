"""What the process of a subject does: it answers one request after the other.

`workers.py` is the other end.
"""

from __future__ import annotations

import asyncio
import gc
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.crowd import Crowd, append_at_once
from benchmarks.databases import Contents, fill
from benchmarks.results import CrowdResult
from benchmarks.subjects import Subject, close
from benchmarks.timing import Bench, Timings
from benchmarks.workloads import WORKLOADS


@dataclass(frozen=True)
class Failure:
    """The error that ended a request."""

    error: str
    trace: str


async def build(subject: Subject, path: Path, contents: Contents) -> None:
    """Make a file with a conversation; its tables are the subject's own."""
    await subject.make_tables(path)
    fill(path, contents)
    if contents.branches:
        session = subject.opened(path)
        for number in range(contents.branches):
            await session.create_branch_from_turn(contents.turns, f"branch {number + 1}")
            await session.switch_to_branch("main")
        await close(session)


async def run(subject: Subject, workload: str, path: Path, **how: Any) -> Timings:
    """Run a workload once, with its repetitions; `how` are the fields of `Bench`.

    What is left of it is freed before the next subject is asked. The first call of several does
    not count: it prepares what the others use again.
    """
    bench = Bench(subject, path, **how)
    await WORKLOADS[workload](bench)
    gc.collect()
    return {operation: timings[1:] or timings for operation, timings in bench.timings.items()}


async def crowd(subject: Subject, path: Path, crowd: Crowd, cpu: bool) -> CrowdResult:
    """Run the many sessions, on a file of their own."""
    await subject.make_tables(path)
    return await append_at_once(subject, path, crowd, cpu=cpu)


def serve(subject: Subject, connection: Connection) -> None:
    """Answer every request until the other end is closed."""
    # All of them need the SDK, for the classes that usage comes in. It is no operation's time.
    import agents  # noqa: F401

    # Its modules are no garbage: to look through them takes longer than most of what is timed.
    gc.collect()
    gc.freeze()
    asyncio.run(_answer_all(subject, connection))


async def _answer_all(subject: Subject, connection: Connection) -> None:
    while True:
        try:
            task, values = connection.recv()
        except EOFError:
            return
        connection.send(await _outcome(task, subject, values))


async def _outcome(
    task: Callable[..., Awaitable[Any]], subject: Subject, values: dict[str, Any]
) -> Any:
    try:
        return await task(subject, **values)
    except Exception as error:  # noqa: BLE001 - whatever a subject raises belongs in the report
        return Failure(f"{type(error).__name__}: {error}", traceback.format_exc())
