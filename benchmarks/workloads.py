"""What is timed: one function for each kind of work, on a session that is open.

Each answers seconds by name of the operation. What it adds to the conversation it takes away
again, so that the next round finds the same one.
"""

from __future__ import annotations

import gc
import sqlite3
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import subjects, talk
from benchmarks.databases import Contents
from benchmarks.subjects import Subject

Seconds = dict[str, list[float]]


@dataclass
class Bench:
    """Where a workload runs, for how long, and what it has timed so far.

    It is repeated until `budget` seconds are over, `most` times at most and once at least. With
    `cpu`, the time of the processor is taken, on all threads of the process.
    """

    subject: Subject
    path: Path
    contents: Contents
    budget: float
    most: int
    cpu: bool = False
    seconds: Seconds = field(default_factory=lambda: defaultdict(list))

    def repetitions(self) -> Iterator[int]:
        """Numbers, as long as there is time."""
        # Else the garbage of what ran before is looked for, all modules over, in a few of them.
        gc.collect()
        begun = time.perf_counter()
        for number in range(self.most):
            if number and time.perf_counter() - begun > self.budget:
                return
            yield number

    @contextmanager
    def timed(self, operation: str) -> Iterator[None]:
        """Time what is inside."""
        clock = time.process_time if self.cpu else time.perf_counter
        begun = clock()
        yield
        self.seconds[operation].append(clock() - begun)


@asynccontextmanager
async def opened(bench: Bench) -> AsyncIterator[Any]:
    """The session of a workload, held open while it runs. Its first use is nobody's time."""
    session = bench.subject.opened(bench.path)
    try:
        await session.get_items(1)
        yield session
    finally:
        await subjects.close(session)


async def append(bench: Bench) -> None:
    """Append a turn with its usage, and pop its items again."""
    async with opened(bench) as session:
        result = talk.result()
        for _ in bench.repetitions():
            turn = talk.items(str(bench.contents.turns + 1), "appended")
            with bench.timed("append"):
                await subjects.append(session, turn, result)
            for _ in turn:
                with bench.timed("pop"):
                    await session.pop_item()
            # A new run each time: what one run reports twice is stored once.
            result = talk.result()


async def record(bench: Bench) -> None:
    """Append a turn with its usage by whatever is best at that."""
    before = bench.contents.items
    async with bench.subject.recording(bench.path) as store:
        for number in bench.repetitions():
            turn, result = (
                talk.items(str(bench.contents.turns + 1 + number), "recorded"),
                talk.result(),
            )
            with bench.timed("record"):
                await store(turn, result)
    async with opened(bench) as session:
        for _ in range(len(bench.seconds["record"]) * talk.ITEMS):
            await session.pop_item()
        assert len(await session.get_items()) == before


async def read_newest(bench: Bench) -> None:
    """Read the newest items."""
    async with opened(bench) as session:
        for _ in bench.repetitions():
            with bench.timed("read_20"):
                await session.get_items(limit=20)


async def read_all(bench: Bench) -> None:
    """Read the whole conversation."""
    async with opened(bench) as session:
        for _ in bench.repetitions():
            with bench.timed("read_all"):
                items = await session.get_items()
            assert len(items) == bench.contents.items


async def branch(bench: Bench) -> None:
    """Make a branch from the last turn, look at the list, go back and forth, delete it."""
    async with opened(bench) as session:
        for _ in bench.repetitions():
            name = f"b{time.time_ns()}"
            with bench.timed("branch"):
                await session.create_branch_from_turn(bench.contents.turns, name)
            for there in ("main", name, "main"):
                with bench.timed("switch"):
                    await session.switch_to_branch(there)
            with bench.timed("list_branches"):
                branches = await session.list_branches()
            assert len(branches) == 2
            with bench.timed("delete_branch"):
                await session.delete_branch(name)


async def list_turns(bench: Bench) -> None:
    """List the turns."""
    async with opened(bench) as session:
        for _ in bench.repetitions():
            with bench.timed("turns"):
                turns = await session.get_conversation_turns()
            assert len(turns) == bench.contents.turns


async def find(bench: Bench) -> None:
    """Look for a word that one turn, in the middle, says; once in a file never searched before."""
    word = talk.token_of(bench.contents.turns // 2 + 1)
    forget_searches(bench.path)
    async with opened(bench) as session:
        with bench.timed("first_find"):
            found = await session.find_turns_by_content(word)
        for _ in bench.repetitions():
            with bench.timed("find"):
                found = await session.find_turns_by_content(word)
            assert len(found) == 1


def forget_searches(path: Path) -> None:
    """Drop the index that convo makes of a file when it is first searched."""
    with closing(sqlite3.connect(path)) as connection:
        for table in ("convo_prompts", "convo_indexed"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")


async def open_and_read(bench: Bench) -> None:
    """Open the file again and read the newest items; closing is not timed."""
    for _ in bench.repetitions():
        with bench.timed("open"):
            session = bench.subject.opened(bench.path)
            await session.get_items(limit=20)
        await subjects.close(session)


async def read_beside_others(bench: Bench) -> None:
    """Read a short session of a file that holds many others."""
    async with opened(bench) as session:
        for _ in bench.repetitions():
            with bench.timed("tenant"):
                items = await session.get_items()
            assert len(items) == bench.contents.items


Workload = Callable[[Bench], Awaitable[None]]
WORKLOADS: dict[str, Workload] = {
    "append": append,
    "record": record,
    "read_20": read_newest,
    "read_all": read_all,
    "branch": branch,
    "turns": list_turns,
    "find": find,
    "open": open_and_read,
    "tenant": read_beside_others,
}
NEED_BRANCHES = {"branch", "turns", "find", "record"}
"""Those that a subject without branches has nothing for."""
