"""Align two long sequences of numbers, in time that hardly grows faster than their length.

Numbers that occur once in both, or runs of numbers that do, are aligned first; what lies between
them is compared exactly until a budget of steps is used up.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

_STEPS = 2_000_000
"""Steps of exact comparison: about a second."""
_FURTHEST = 800
"""The most differences that an exact comparison finds: it takes their square in memory."""
_DEEPEST = 24
"""How often what lies between two anchors is searched for more of them."""
_LARGE = 2_000
_RUNS = (5, 2, 1)
"""Lengths of the runs that are looked for in a large part, in this order."""


class Run(NamedTuple):
    """A run of `length` elements that are the same in both sequences, from `a` and `b` on."""

    a: int
    b: int
    length: int


class Aligned(NamedTuple):
    """The runs that two sequences have in common, in order.

    `is_whole` is False if a part of them was not compared, because it differs too much.
    """

    runs: list[Run]
    is_whole: bool


def aligned(a: Sequence[int], b: Sequence[int]) -> Aligned:
    """Align two sequences of numbers."""
    return _Alignment(a, b).found()


class _Alignment:
    def __init__(self, a: Sequence[int], b: Sequence[int]) -> None:
        self._a, self._b = a, b
        self._steps = _STEPS
        self._is_whole = True

    def found(self) -> Aligned:
        """The runs that the sequences have in common."""
        found: list[Run] = []
        todo: list[Run | tuple[int, int, int, int, int]] = [(0, len(self._a), 0, len(self._b), 0)]
        while todo:
            part = todo.pop()
            if isinstance(part, Run):
                found.append(part)
            else:
                # The last part is done first.
                todo += reversed(list(self._split(*part)))
        return Aligned(_joined(found), self._is_whole)

    def _split(
        self, a: int, a_end: int, b: int, b_end: int, depth: int
    ) -> Iterator[Run | tuple[int, int, int, int, int]]:
        """Runs, and parts that are still to be split, in order."""
        start = _same_start(self._a, self._b, a, a_end, b, b_end)
        if start:
            yield Run(a, b, start)
        a, b = a + start, b + start
        end = _same_end(self._a, self._b, a, a_end, b, b_end)
        a_end, b_end = a_end - end, b_end - end
        if a < a_end and b < b_end:
            yield from self._between(a, a_end, b, b_end, depth)
        if end:
            yield Run(a_end, b_end, end)

    def _between(
        self, a: int, a_end: int, b: int, b_end: int, depth: int
    ) -> Iterator[Run | tuple[int, int, int, int, int]]:
        part_a, part_b = self._a[a:a_end], self._b[b:b_end]
        is_large = min(len(part_a), len(part_b)) > _LARGE
        for length in _RUNS if is_large else _RUNS[-1:]:
            anchors = _anchors(part_a, part_b, length) if depth < _DEEPEST else []
            if anchors:
                break
        else:
            yield from (Run(a + i, b + j, n) for i, j, n in self._exactly(part_a, part_b))
            return
        first, second = a, b
        for i, j in anchors:
            yield first, a + i, second, b + j, depth + 1
            yield Run(a + i, b + j, 1)
            first, second = a + i + 1, b + j + 1
        yield first, a_end, second, b_end, depth + 1

    def _exactly(self, a: Sequence[int], b: Sequence[int]) -> Iterator[Run]:
        """The longest runs in common, by the algorithm of Myers, until no step is left."""
        furthest = [0, 0]
        kept: list[list[int]] = []
        for distance in range(len(a) + len(b) + 1):
            self._steps -= distance + 1
            if self._steps < 0 or distance > _FURTHEST:
                self._is_whole = False
                return
            kept.append(furthest)
            # Element k of these is the furthest place in `a` on the diagonal 2k - distance.
            before, furthest = furthest, []
            for number in range(distance + 1):
                diagonal = 2 * number - distance
                down = number == 0 or (number < distance and before[number - 1] < before[number])
                place = 0 if not distance else before[number] if down else before[number - 1] + 1
                begin = place
                while (
                    place < len(a)
                    and place - diagonal < len(b)
                    and (a[place] == b[place - diagonal])
                ):
                    place += 1
                self._steps -= place - begin
                furthest.append(place)
                if place >= len(a) and place - diagonal >= len(b):
                    yield from _traced(kept, distance, number, place)
                    return


def _traced(kept: list[list[int]], distance: int, number: int, place: int) -> list[Run]:
    """The runs on the way to a place that was reached in so many steps, from the first one."""
    found: list[Run] = []
    while distance >= 0:
        before, diagonal = kept[distance], 2 * number - distance
        down = number == 0 or (number < distance and before[number - 1] < before[number])
        begin = 0 if not distance else before[number] if down else before[number - 1] + 1
        if place > begin:
            found.append(Run(begin, begin - diagonal, place - begin))
        place = begin if down or not distance else begin - 1
        number, distance = number if down else number - 1, distance - 1
    return found[::-1]


def _anchors(a: Sequence[int], b: Sequence[int], length: int) -> list[tuple[int, int]]:
    """The places of runs of a length that occur once in both, as many as are in the same order."""
    places = _once(a, length)
    others = _once(b, length)
    both = ((i, others.get(run, -1)) for run, i in places.items() if i >= 0)
    pairs = sorted((i, j) for i, j in both if j >= 0 and a[i] == b[j])
    # The longest sequence of pairs that ascend in both.
    ends: list[int] = []
    of_ends: list[int] = []
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        rank = bisect_left(ends, j)
        before.append(of_ends[rank - 1] if rank else -1)
        ends[rank : rank + 1] = [j]
        of_ends[rank : rank + 1] = [number]
    found = []
    number = of_ends[-1] if of_ends else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]


def _once(numbers: Sequence[int], length: int) -> dict[int, int]:
    """The place of each run of a length; -1 for one that occurs several times."""
    places: dict[int, int] = {}
    shifted = [numbers[start:] for start in range(length)]
    for place, run in enumerate(zip(*shifted, strict=False) if length > 1 else numbers):
        key = hash(run)
        places[key] = place if places.setdefault(key, place) == place else -1
    return places


def _same_start(
    a: Sequence[int], b: Sequence[int], start: int, a_end: int, other: int, b_end: int
) -> int:
    most = min(a_end - start, b_end - other)
    length = 0
    while length < most and a[start + length] == b[other + length]:
        length += 1
    return length


def _same_end(
    a: Sequence[int], b: Sequence[int], start: int, a_end: int, other: int, b_end: int
) -> int:
    most = min(a_end - start, b_end - other)
    length = 0
    while length < most and a[a_end - 1 - length] == b[b_end - 1 - length]:
        length += 1
    return length


def _joined(found: Iterable[Run]) -> list[Run]:
    """The runs, with those joined that follow each other in both sequences."""
    joined: list[Run] = []
    for run in found:
        if joined:
            last = joined[-1]
            if (last.a + last.length, last.b + last.length) == (run.a, run.b):
                joined[-1] = last._replace(length=last.length + run.length)
                continue
        joined.append(run)
    return joined
