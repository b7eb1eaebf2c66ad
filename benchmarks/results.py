"""What was measured, and the medians and ratios that follow from it."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median

Key = tuple[str, str, int]
"""Operation, subject, size."""


@dataclass
class Series:
    """Medians of the rounds of each operation, by subject and size (turns, as a rule).

    A round asks every subject at every size, so that two medians of one round met the same
    weather: ratios are taken within rounds, and the median of those is the answer.
    """

    rounds: dict[Key, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))

    def add(
        self, operation: str, subject: str, size: int, number: int, values: list[float]
    ) -> None:
        """Take the values of one round."""
        if values:
            self.rounds[operation, subject, size][number] = median(values)

    def typical(self, operation: str, subject: str, size: int) -> float | None:
        """The median over the rounds; None where nothing was measured."""
        found = self.rounds.get((operation, subject, size))
        return median(found.values()) if found else None

    def ratio(self, over: Key, under: Key) -> float | None:
        """How many times the second the first is."""
        first, second = self.rounds.get(over, {}), self.rounds.get(under, {})
        ratios = [first[number] / second[number] for number in first.keys() & second.keys()]
        return median(ratios) if ratios else None

    def sizes(self, operation: str) -> list[int]:
        """The sizes at which an operation was measured, the smallest first."""
        return sorted({size for name, _, size in self.rounds if name == operation})


@dataclass(frozen=True)
class CrowdResult:
    """What many sessions at once came to; `error` says why it came to nothing."""

    turns_per_second: float = math.nan
    descriptors: int = 0
    threads: int = 0
    error: str = ""


@dataclass
class Place:
    """All that was measured in one folder.

    `commits` are seconds that durable commits took there, between the rounds; `series` are of the
    clock that the plan names, `processor` always of the processor.
    """

    folder: str
    filesystem: str
    commits: list[float] = field(default_factory=list)
    series: Series = field(default_factory=Series)
    processor: Series = field(default_factory=Series)
    crowd: dict[str, CrowdResult] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
