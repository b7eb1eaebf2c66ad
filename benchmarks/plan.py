"""How much is measured: all of it, or the quick part."""

from __future__ import annotations

from dataclasses import dataclass, replace

from benchmarks.crowd import Crowd
from benchmarks.databases import Contents
from benchmarks.workloads import WORKLOADS

PARTS = ("library", "tenants", "crowd", "commands")
"""What can be measured alone."""

GROWING = ("append", "read_20", "read_all", "branch", "turns", "find", "open")
"""The workloads that run at every size."""

_ONLY_AT_MAIN = ("record",)
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
        crowd: The sessions that append at once.
        command_sizes: Turns of the databases on which the commands run.
        command_runs: How often each command runs.
        parts: Which of `PARTS` are measured.
        cpu: Whether the processor's time is measured instead of the clock's.
    """

    sizes: tuple[int, ...]
    main: int
    rounds: int
    budget: float
    most: int
    others: tuple[int, int]
    crowd: Crowd
    command_sizes: tuple[int, ...]
    command_runs: int
    parts: tuple[str, ...] = PARTS
    cpu: bool = False

    def sized(self, sizes: tuple[int, ...]) -> Plan:
        """The plan for other sizes, of which the one nearest to `main` takes its place."""
        main = min(sizes, key=lambda size: abs(size - self.main))
        return replace(self, sizes=sizes, main=main)

    def workloads_at(self, size: int) -> list[str]:
        """The names of the workloads that run at a size."""
        return [*GROWING, *(_ONLY_AT_MAIN if size == self.main else ())]

    def conversations(self) -> list[Contents]:
        """What the files of the sizes hold."""
        return [Contents(size) for size in self.sizes] if "library" in self.parts else []

    def tenants(self) -> list[Contents]:
        """A session of 10 items: alone, and beside the others."""
        if "tenants" not in self.parts:
            return []
        others, turns = self.others
        return [Contents(3, cut=2), Contents(3, others, turns, cut=2)]


FULL = Plan(
    sizes=(100, 1_000, 10_000, 50_000),
    main=10_000,
    rounds=5,
    budget=0.3,
    most=30,
    others=(2_000, 50),
    crowd=Crowd(1_000, 20),
    command_sizes=(100, 10_000),
    command_runs=10,
)
QUICK = Plan(
    sizes=(100, 1_000),
    main=1_000,
    rounds=2,
    budget=0.05,
    most=10,
    others=(100, 50),
    crowd=Crowd(50, 4),
    command_sizes=(1_000,),
    command_runs=1,
)

assert {*GROWING, *_ONLY_AT_MAIN, "tenant"} == WORKLOADS.keys()
