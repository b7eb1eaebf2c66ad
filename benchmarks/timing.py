"""How a call is timed: by the clock and by the processor, with nothing left of what it returns."""

from __future__ import annotations

import gc
import shutil
import sqlite3
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import subjects
from benchmarks.databases import Contents
from benchmarks.subjects import Subject

_LOG = 2 * 1_000 * 4_096
"""More bytes than a log has at a checkpoint, which SQLite begins at 1,000 pages."""


class Timing(NamedTuple):
    """Seconds that a call took: of the clock, and of the processor on all threads."""

    clock: float
    processor: float


Timings = dict[str, list[Timing]]


@dataclass
class Bench:
    """Where a workload runs, for how long, and what it has timed so far.

    It is repeated until `budget` seconds are over, `most` times at most and once at least.
    """

    subject: Subject
    path: Path
    contents: Contents
    budget: float
    most: int
    timings: Timings = field(default_factory=lambda: defaultdict(list))

    def repetitions(self) -> Iterator[int]:
        """Numbers, as long as there is time."""
        # Else the garbage of what ran before is looked for in a few of them.
        gc.collect()
        begun = time.perf_counter()
        for number in range(self.most):
            if number and time.perf_counter() - begun > self.budget:
                return
            yield number

    async def timed(
        self,
        operation: str,
        work: Callable[[], Awaitable[Any]],
        expected: Callable[[Any], bool] | None = None,
    ) -> None:
        """Time a call, and hold what it returns against what is expected.

        The result is gone when this returns: to free it is no part of any call's time.
        """
        begun, spent = time.perf_counter(), time.process_time()
        result = await work()
        clock, processor = time.perf_counter() - begun, time.process_time() - spent
        self.timings[operation].append(Timing(clock, processor))
        assert expected is None or expected(result), f"{operation} returned something else"


@asynccontextmanager
async def opened(bench: Bench, path: Path | None = None) -> AsyncIterator[Any]:
    """The session of a workload, held open while it runs. Its first use is nobody's time."""
    session = bench.subject.opened(path or bench.path)
    try:
        await session.get_items(1)
        yield session
    finally:
        await subjects.close(session)


@contextmanager
def grown_log(path: Path) -> Iterator[None]:
    """Hold a file open whose log is as long as it gets, as after some 60 turns.

    SQLite then writes the log from its start again, and a commit that does not make a file longer
    waits half as long for the disk. What is written for that is rolled back.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        # So that the pages go to the log before the end of the transaction.
        connection.execute("PRAGMA cache_size = 10")
        connection.execute("BEGIN")
        connection.execute("CREATE TABLE filler (data)")
        connection.execute("INSERT INTO filler VALUES (zeroblob(?))", (_LOG,))
        connection.execute("ROLLBACK")
        assert Path(f"{path}-wal").stat().st_size > _LOG
        yield


@asynccontextmanager
async def opened_copy(bench: Bench) -> AsyncIterator[Any]:
    """The session in a copy of its file, for what cannot be taken back."""
    copy = bench.path.with_suffix(".copy.db")
    with closing(sqlite3.connect(bench.path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    shutil.copyfile(bench.path, copy)
    try:
        async with opened(bench, copy) as session:
            yield session
    finally:
        _remove(copy)


def _remove(path: Path) -> None:
    """Remove a database with what lies beside it."""
    for end in ("", "-wal", "-shm"):
        Path(f"{path}{end}").unlink(missing_ok=True)
