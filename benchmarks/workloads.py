"""What is timed: one function for each kind of work, on a session that is open.

What it adds to the conversation it takes away again, so that the next round finds the same one.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import subjects, talk
from benchmarks.subjects import FLOOR, Subject
from benchmarks.timing import Bench, grown_log, opened, opened_copy

SHORT_BRANCHES = 10
"""How many branches a repetition makes beside those that are there."""


async def append(bench: Bench) -> None:
    """Append a turn with its usage, and pop its items again, in a file that is written often."""
    with grown_log(bench.path):
        await _append(bench, "append", "pop")


async def append_early(bench: Bench) -> None:
    """Do the same in a file that has just been opened."""
    await _append(bench, "append_early", "pop_early")


async def _append(bench: Bench, append: str, pop: str) -> None:
    async with opened(bench) as session:
        for _ in bench.repetitions():
            turn = talk.items(str(bench.contents.turns + 1), "appended")
            # A new run each time: what one run reports twice is stored once.
            result = talk.result()
            await bench.timed(append, partial(subjects.append, session, turn, result))
            for _ in turn:
                await bench.timed(pop, session.pop_item)


async def record(bench: Bench) -> None:
    """Append a turn with its usage by whatever is best at that."""
    before = bench.contents.items
    async with bench.subject.recording(bench.path) as store:
        for number in bench.repetitions():
            turn = talk.items(str(bench.contents.turns + 1 + number), "recorded")
            await bench.timed("record", partial(store, turn, talk.result()))
    async with opened(bench) as session:
        for _ in range(len(bench.timings["record"]) * talk.ITEMS):
            await session.pop_item()
        assert len(await session.get_items()) == before


async def read_newest(bench: Bench) -> None:
    """Read the newest items."""
    await _repeated(bench, "read_20", "get_items", limit=20)


async def read_all(bench: Bench) -> None:
    """Read the whole conversation."""
    await _repeated(bench, "read_all", "get_items", expected=_as_many_as(bench.contents.items))


async def branch(bench: Bench) -> None:
    """Make a branch from the last turn, look at the list, go back and forth, delete it."""
    async with opened(bench) as session:
        for _ in bench.repetitions():
            name = f"b{time.time_ns()}"
            make = partial(session.create_branch_from_turn, bench.contents.turns, name)
            await bench.timed("branch", make)
            for there in ("main", name, "main"):
                await bench.timed("switch", partial(session.switch_to_branch, there))
            await bench.timed("list_branches", session.list_branches, _as_many_as(2))
            await bench.timed("delete_branch", partial(session.delete_branch, name))


async def short_branches(bench: Bench) -> None:
    """Make short branches beside those that are there, list all after each, delete the new ones."""
    there = bench.contents.branches + 1
    with grown_log(bench.path):
        async with opened(bench) as session:
            for _ in bench.repetitions():
                made = [f"b{time.time_ns()}" for _ in range(SHORT_BRANCHES)]
                for name in made:
                    make = partial(session.create_branch_from_turn, bench.contents.turns, name)
                    await bench.timed("short_branch", make)
                    await session.switch_to_branch("main")
                    there += 1
                    await bench.timed("list_short", session.list_branches, _as_many_as(there))
                await session.list_branches()
                all_branches = _as_many_as(there)
                await bench.timed("list_again", session.list_branches, all_branches)
                for name in made:
                    await session.delete_branch(name)
                there -= len(made)


async def list_turns(bench: Bench) -> None:
    """List the turns."""
    all_turns = _as_many_as(bench.contents.turns)
    await _repeated(bench, "turns", "get_conversation_turns", expected=all_turns)


async def list_by_turns(bench: Bench) -> None:
    """List what every turn is made of."""
    all_turns = _as_many_as(bench.contents.turns)
    await _repeated(bench, "by_turns", "get_conversation_by_turns", expected=all_turns)


async def list_usage(bench: Bench) -> None:
    """List what every turn cost."""
    all_turns = _as_many_as(bench.contents.turns)
    await _repeated(bench, "turn_usage", "get_turn_usage", expected=all_turns)


async def sum_usage(bench: Bench) -> None:
    """Add up what the session cost."""
    await _repeated(bench, "session_usage", "get_session_usage", expected=bool)


async def count_tools(bench: Bench) -> None:
    """Count the calls of each tool in each turn."""
    all_turns = _as_many_as(bench.contents.turns)
    await _repeated(bench, "tool_usage", "get_tool_usage", expected=all_turns)


async def find(bench: Bench) -> None:
    """Look for a word that one turn, in the middle, says; once in a file never searched before."""
    word = talk.token_of(bench.contents.turns // 2 + 1)
    forget_searches(bench.path)
    async with opened(bench) as session:
        look = partial(session.find_turns_by_content, word)
        await bench.timed("first_find", look)
        for _ in bench.repetitions():
            await bench.timed("find", look, _as_many_as(1))


async def find_two_letters(bench: Bench) -> None:
    """Look for two letters that a few turns say."""
    found = sum(talk.TWO_LETTERS in talk.token_of(n + 1) for n in range(bench.contents.turns))
    await _find_often(bench, "find_two", talk.TWO_LETTERS, found)


async def find_common_word(bench: Bench) -> None:
    """Look for a word that every turn says."""
    await _find_often(bench, "find_common", talk.COMMON_WORD, bench.contents.turns)


def forget_searches(path: Path) -> None:
    """Drop the index that convo makes of a file when it is first searched."""
    with closing(sqlite3.connect(path)) as connection:
        for table in ("convo_prompts", "convo_indexed"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")


async def clear(bench: Bench) -> None:
    """Clear the session, in a copy of the file."""
    for _ in bench.repetitions():
        async with opened_copy(bench) as session:
            await bench.timed("clear", session.clear_session)
            assert await session.get_items() == []


async def open_and_read(bench: Bench) -> None:
    """Open the file again and read the newest items; closing is not timed."""
    for _ in bench.repetitions():
        sessions = []

        async def open_it(opened: list[Any] = sessions) -> None:
            opened.append(bench.subject.opened(bench.path))
            await opened[0].get_items(limit=20)

        await bench.timed("open", open_it)
        await subjects.close(sessions[0])


async def read_beside_others(bench: Bench) -> None:
    """Read a short session of a file that holds many others."""
    await _repeated(bench, "tenant", "get_items", expected=_as_many_as(bench.contents.items))


async def _repeated(
    bench: Bench,
    operation: str,
    method: str,
    expected: Callable[[Any], bool] | None = None,
    **given: object,
) -> None:
    """Call a method of the session, again and again."""
    async with opened(bench) as session:
        for _ in bench.repetitions():
            await bench.timed(operation, partial(getattr(session, method), **given), expected)


async def _find_often(bench: Bench, operation: str, term: str, found: int) -> None:
    async with opened(bench) as session:
        look = partial(session.find_turns_by_content, term)
        # The first search makes the index that those after it ask.
        await look()
        for _ in bench.repetitions():
            await bench.timed(operation, look, _as_many_as(found))


def _as_many_as(number: int) -> Callable[[Any], bool]:
    return lambda result: len(result) == number


Workload = Callable[[Bench], Awaitable[None]]
WORKLOADS: dict[str, Workload] = {
    "append": append,
    "append_early": append_early,
    "record": record,
    "read_20": read_newest,
    "read_all": read_all,
    "branch": branch,
    "turns": list_turns,
    "by_turns": list_by_turns,
    "turn_usage": list_usage,
    "session_usage": sum_usage,
    "tool_usage": count_tools,
    "find": find,
    "find_two": find_two_letters,
    "find_common": find_common_word,
    "clear": clear,
    "open": open_and_read,
    "tenant": read_beside_others,
    "short_branches": short_branches,
}
_WITHOUT_BRANCHES = {"append", "append_early", "read_20", "read_all", "clear", "open", "tenant"}
"""Those that a subject without branches has something for."""

_ABOVE_THE_FLOOR = {"by_turns", "turn_usage", "session_usage", "tool_usage", "clear"}
"""Those that are only held against the SDK's class."""


def is_for(workload: str, subject: Subject) -> bool:
    """Whether a subject has what a workload calls."""
    if not subject.has_branches:
        return workload in _WITHOUT_BRANCHES
    return subject is not FLOOR or workload not in _ABOVE_THE_FLOOR
