"""How much is measured: all of it, or the quick part."""

from __future__ import annotations

from dataclasses import dataclass, replace

from benchmarks.crowd import Crowd
from benchmarks.databases import Contents
from benchmarks.workloads import SHORT_BRANCHES, WORKLOADS

PARTS = (
    "library",
    "tenants",
    "branches",
    "crowd",
    "commands",
    "chat",
    "drawing",
    "imports",
    "evals",
    "server",
)
"""What can be measured alone."""

COMMAND_PARTS = {"commands", "chat"}
"""Those that are whole processes."""

GROWING = ("append", "read_20", "read_all", "branch", "turns", "find", "open")
"""The workloads that run at every size."""

UP_TO_MAIN = (
    "by_turns",
    "turn_usage",
    "session_usage",
    "tool_usage",
    "find_two",
    "find_common",
    "clear",
)
"""Those that run up to the size of the main table: they grow as others do."""

_ONLY_AT_MAIN = ("append_early", "record")
"""Those that grow as another one does."""


@dataclass(frozen=True)
class Plan:
    """What to measure.

    Attributes:
        sizes: Turns of the conversations, the smallest first.
        main: The size that the main table is of.
        rounds: How often everything is asked; what counts is the median over the rounds.
        budget: Seconds that the repetitions of one workload may take within a round.
        most: Repetitions within a round, at most.
        others: Sessions that stand beside the short one, and their turns.
        short_branches: How many short branches a session has.
        crowd: The sessions that append at once.
        command_sizes: Turns of the databases on which the commands run.
        command_runs: How often each command runs.
        listed: Sessions of the database whose sessions are listed.
        searched: Sessions beside one of as many turns, and those turns, of one that is searched.
        imported: Small and large conversations that are imported.
        evaluated: Cases that are asked.
        first_searched: The same of one that has never been searched; no sessions for none.
        replayed: Turns of the conversation that is replayed.
        may_install: Whether programs that are measured beside ours may be installed.
        parts: Which of `PARTS` are measured.
        cpu: Whether the processor's time is measured instead of the clock's.
    """

    sizes: tuple[int, ...]
    main: int
    rounds: int
    budget: float
    most: int
    others: tuple[int, int]
    short_branches: int
    crowd: Crowd
    command_sizes: tuple[int, ...]
    command_runs: int
    listed: int
    searched: tuple[int, int]
    first_searched: tuple[int, int]
    imported: tuple[int, int]
    replayed: int
    evaluated: int
    may_install: bool
    parts: tuple[str, ...] = PARTS
    cpu: bool = False

    def sized(self, sizes: tuple[int, ...]) -> Plan:
        """The plan for other sizes, of which the one nearest to `main` takes its place."""
        main = min(sizes, key=lambda size: abs(size - self.main))
        return replace(self, sizes=sizes, main=main)

    def workloads_at(self, size: int) -> list[str]:
        """The names of the workloads that run at a size."""
        names = [*GROWING]
        if size <= self.main:
            names += UP_TO_MAIN
        return [*names, *(_ONLY_AT_MAIN if size == self.main else ())]

    def compared_sizes(self) -> list[int]:
        """The sizes at which no operation may be slower than the SDK's."""
        return [size for size in self.sizes if size <= self.main]

    def conversations(self) -> list[Contents]:
        """What the files of the sizes hold."""
        return [Contents(size) for size in self.sizes] if "library" in self.parts else []

    def tenants(self) -> list[Contents]:
        """A session of 10 items: alone, and beside the others."""
        if "tenants" not in self.parts:
            return []
        others, turns = self.others
        return [Contents(3, cut=2), Contents(3, others, turns, cut=2)]

    def branches(self) -> list[Contents]:
        """A session of two turns, with no branch and with many that begin at its second turn."""
        if "branches" not in self.parts:
            return []
        return [Contents(2), Contents(2, branches=self.short_branches - SHORT_BRANCHES)]


FULL = Plan(
    sizes=(100, 1_000, 10_000, 50_000),
    main=10_000,
    rounds=5,
    budget=0.3,
    most=30,
    others=(2_000, 50),
    short_branches=1_000,
    crowd=Crowd(1_000, 20),
    command_sizes=(100, 10_000),
    command_runs=10,
    listed=10_000,
    searched=(999, 100),
    first_searched=(9_999, 100),
    imported=(100_000, 5_000),
    replayed=50,
    evaluated=1_000,
    may_install=True,
)
QUICK = Plan(
    sizes=(100, 1_000),
    main=1_000,
    rounds=2,
    budget=0.05,
    most=10,
    others=(100, 50),
    short_branches=100,
    crowd=Crowd(50, 4),
    command_sizes=(1_000,),
    command_runs=1,
    listed=1_000,
    searched=(99, 20),
    first_searched=(0, 0),
    imported=(2_000, 50),
    replayed=5,
    evaluated=100,
    may_install=False,
)

assert {*GROWING, *UP_TO_MAIN, *_ONLY_AT_MAIN, "tenant", "short_branches"} == WORKLOADS.keys()
