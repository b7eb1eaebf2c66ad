"""What has to come out: the figures of the project, and whether a measurement reaches them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from benchmarks.results import Series

Growth = Literal["flat", "linear", "sublinear", ""]

_SLACK = 1.5
"""How many times more than its kind of growth allows an operation may cost."""


@dataclass(frozen=True)
class Operation:
    """An operation of the main table, with what is asked of it.

    Attributes:
        name: Its key in the results.
        label: What the report calls it.
        faster: How many times faster than the SDK's class it has to be, at least.
        over_floor: How many times the floor it may take, at most.
        growth: How its cost may grow with the conversation.
        over_plain: How many times the SDK's plain session it may take, at most, where a
            conversation is short.
        is_compared: Whether it may be slower than the SDK's class at no size.
    """

    name: str
    label: str
    faster: float = 0.0
    over_floor: float = 0.0
    growth: Growth = ""
    over_plain: float = 0.0
    is_compared: bool = True


OPERATIONS = (
    Operation("append", "append one turn with usage", 8, 3, "flat"),
    Operation("append_early", "the same, just after the file was opened", over_floor=3),
    Operation("record", "the same, as the program does it", 8, 3),
    Operation("read_20", "`get_items(limit=20)`", 60, growth="flat", over_plain=1.2),
    Operation("read_all", "`get_items()`", 1.5, growth="linear", over_plain=1.2),
    Operation("pop", "`pop_item()`", 25, growth="flat"),
    Operation("branch", "`create_branch_from_turn(last)`", 1.7, 1.3, "linear"),
    Operation("switch", "`switch_to_branch`", 3, growth="flat"),
    Operation("delete_branch", "`delete_branch`", 1.5, growth="linear"),
    Operation("list_branches", "`list_branches()`", 2, growth="linear"),
    Operation("turns", "`get_conversation_turns()`", 2, growth="linear"),
    Operation("by_turns", "`get_conversation_by_turns()`", 1),
    Operation("turn_usage", "`get_turn_usage()`", 1),
    Operation("session_usage", "`get_session_usage()`", 1),
    Operation("tool_usage", "`get_tool_usage()`", 1),
    Operation("find", "`find_turns_by_content`, of a rare word", 5, growth="sublinear"),
    Operation("find_two", "`find_turns_by_content`, of two letters", 1),
    Operation("find_common", "`find_turns_by_content`, of a word of every prompt", 1),
    Operation(
        "first_find",
        "`find_turns_by_content`, the first in a file",
        growth="linear",
        is_compared=False,
    ),
    Operation("clear", "`clear_session()`", 1),
    Operation("open", "open and first read of 20", 10, growth="flat"),
)
SHORT = 100
"""Turns of a conversation that is short: most are."""

SHORT_BRANCH = Operation("short_branch", "making a short branch", 1, growth="flat")
LIST_SHORT = Operation("list_short", "`list_branches()`", 1)
LIST_AGAIN = Operation("list_again", "the same, if nothing was written since the two before", 1)
TENANT = Operation("tenant", "`get_items()` of the 10-item session", 20, growth="flat")

COMMAND_OVER_IMPORTS = 1.7
"""A command that talks to no model, to the imports that it needs."""

OVER_TYPER = 1.2
"""`--version`, or a command line that is wrong, to the import of Typer."""

TAB_OVER_IMPORTS = 1.5
"""A bash, and the first TAB in it."""

TAB_OVER_SQLITE = 1.3
"""Every other TAB that asks the database, to the import of `sqlite3`."""

PROMPT_OVER_IMPORTS = 2.5
CHAT_OVER_IMPORTS = 3.0
"""One question without an agent."""

CHAT_OVER_LLM = 0.7
AGENT_OVER_SDK = 1.15
"""One question to an agent, to the import of the Agents SDK."""

REPLAY_OVER_ONE = 1.2
"""A replay by four models at once, to one by the slowest of them alone."""

PEAK = 60
"""Megabytes of a command, or of one question without an agent."""

WHOLE_SECONDS = 1.0
"""A command that writes every turn, of up to 10,000."""

ANSWER_SECONDS = 0.6
"""From Enter to the first byte of an answer, beyond the server's own time."""

LISTED_SECONDS = 0.5
"""The list of 10,000 sessions."""

FIRST_SEARCH_SECONDS = 20.0
"""The search that makes the index of 1,000,000 turns."""

DRAWING_SECONDS = 0.010
"""A drawing of an answer, whatever block is open and how long it is."""

IMPORTED_A_SECOND = 2_000
"""Conversations of 1 kB."""

IMPORT_PEAK = 200
"""Megabytes of an import, however large the export is."""

EVAL_BUSY = 0.9
"""The share of their time in which an eval takes the slots of a server."""

CROWD_FASTER = 3
CROWD_DESCRIPTORS = 8
CROWD_THREADS = 6


@dataclass(frozen=True)
class ServerOperation:
    """An operation on a PostgreSQL server, and how many times faster than the SDK's it has to be.

    Attributes:
        name: Its key in the results.
        label: What the report calls it.
        work: Which operation it is: `append`, `read_20`, `read_all` or `pop`.
        faster: How many times faster it has to be, at least.
        is_slow: Whether the network to the server is slow.
    """

    name: str
    label: str
    work: str
    faster: float
    is_slow: bool = False


SERVER_OPERATIONS = (
    ServerOperation("append", "append one turn with usage", "append", 1),
    ServerOperation("append, slow", "the same, slow network", "append", 1.2, is_slow=True),
    ServerOperation("read_20", "`get_items(limit=20)`", "read_20", 2),
    ServerOperation("read_all", "`get_items()`", "read_all", 1.2),
    ServerOperation("pop", "`pop_item()`", "pop", 1),
    ServerOperation("pop, slow", "the same, slow network", "pop", 1.5, is_slow=True),
)
SERVER_CLIENTS = {
    ("own sessions", 8): 1.5,
    ("own sessions, with usage", 8): 1.5,
    ("own sessions", 32): 3,
    ("own sessions, with usage", 32): 3,
    ("one session", 8): 1.5,
    ("one session, with usage", 8): 1.5,
    ("one session", 32): 1.5,
    ("one session, with usage", 32): 1.5,
}
"""How many times the throughput of the SDK's class so many clients have, at least."""

SERVER_CONNECTIONS = 8
SERVER_THREADS = 10


@dataclass(frozen=True)
class Verdict:
    """How an operation came out; None where something was not measured."""

    times_faster: float | None
    times_floor: float | None
    is_met: bool | None


def verdict(operation: Operation, series: Series, size: int) -> Verdict:
    """Whether an operation is as fast as asked, beside the SDK's class and the floor."""
    ours = (operation.name, "convo", size)
    faster = series.ratio((operation.name, "sdk", size), ours)
    over_floor = series.ratio(ours, (operation.name, "floor", size))
    checks = []
    if operation.faster:
        checks.append(None if faster is None else faster >= operation.faster)
    if operation.over_floor:
        checks.append(None if over_floor is None else over_floor <= operation.over_floor)
    return Verdict(faster, over_floor, None if None in checks else all(checks))


def grown(operation: Operation, series: Series) -> tuple[int, int, float] | None:
    """From which size to which convo's cost grew, and how many times; None where unmeasured.

    What may not grow is compared with the smallest size, the rest with the last but one: on a
    short conversation the fixed cost of a call would hide how the rest grows.
    """
    sizes = series.sizes(operation.name)
    if len(sizes) < 2:
        return None
    start, end = sizes[0 if operation.growth == "flat" else -2], sizes[-1]
    times = series.ratio((operation.name, "convo", end), (operation.name, "convo", start))
    return None if times is None else (start, end, times)


def growth_allowed(growth: Growth, start: int, end: int) -> float:
    """How many times the cost at `start` the cost at `end` may be."""
    if growth == "flat":
        return _SLACK
    linear = end / start
    return linear * _SLACK if growth == "linear" else linear / 2


def compared(operation: Operation, processor: Series, sizes: Sequence[int]) -> list[float | None]:
    """How many times the SDK's class takes what ours does, of the processor's time, by size."""
    name = operation.name
    return [processor.ratio((name, "sdk", size), (name, "convo", size)) for size in sizes]


def is_never_slower(ratios: Sequence[float | None]) -> bool | None:
    """Whether ours is at least as fast at each size; None where that was not measured."""
    known = [ratio for ratio in ratios if ratio is not None]
    return min(known) >= 1 if known else None
