"""Searches turns for the first one that is bad, with few checks.

The turns are assumed to be monotone: every turn before the first bad one is good, and every one
from there on is bad. Then the turn in the middle tells in which half the first bad one is, so that
of n turns 1 + log2(n) are checked. Turns that are not monotone have several places where a bad one
follows a good one, and the search finds one of these, or nothing if the last turn is good.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, NamedTuple

from convo.trials.asking import Outcome

State = Literal["good", "bad", "skipped"]


class Checked(NamedTuple):
    """A turn that was checked.

    `code`, `output` and `seconds` are those of a check that is a command. `outcome` is that of the
    rerun, which is the turn of the same number on `branch_id`; None if the recorded answer was
    checked.
    """

    turn: int
    state: State
    code: int | None = None
    output: str = ""
    seconds: float = 0.0
    outcome: Outcome | None = None
    branch_id: str | None = None


class Bisected(NamedTuple):
    """The result of a bisection: `checked` has the turns in the order in which they were checked.

    `first_bad` is the first turn whose answer fails, `last_good` the last one before it whose
    answer is known to pass. If answers just before a failing one could not be checked, the first
    one may be any of `candidates`, and `first_bad` is None. If no answer that was checked fails,
    both are empty.
    """

    first_bad: int | None
    last_good: int | None
    candidates: tuple[int, ...]
    checked: tuple[Checked, ...]

    @property
    def is_monotone(self) -> bool:
        """Whether no answer that was checked passes after one that fails."""
        states = [one.state for one in sorted(self.checked) if one.state != "skipped"]
        return "bad" not in states or "good" not in states[states.index("bad") :]


def most_checks(count: int, *, reruns: bool) -> int:
    """How many of so many turns are checked at most, if none is skipped."""
    # The last one, for recorded answers the first one, and then half of those that are left.
    ends = 1 if reruns or count == 1 else 2
    return ends + max(0, count - ends).bit_length()


class Search:
    """A search among turns, the state of which `check` tells."""

    def __init__(self, turns: Sequence[int], check: Callable[[int], Awaitable[Checked]]) -> None:
        self._turns = turns
        self._check = check
        self._checked: dict[int, Checked] = {}
        self._good, self._bad = -1, len(turns)

    async def check_all(self) -> None:
        """Check every turn."""
        states = [await self._state(place) for place in range(len(self._turns))]
        if "bad" in states:
            self._bad = states.index("bad")
            before = [place for place in range(self._bad) if states[place] == "good"]
            self._good = before[-1] if before else -1

    async def find(self, *, checks_first: bool) -> None:
        """Look for the first turn that fails: at the end, at the start, and in the middle."""
        for place in reversed(range(len(self._turns))):
            state = await self._state(place)
            if state != "skipped":
                break
        else:
            return
        if state == "bad":
            self._bad = place
        if checks_first and place:
            state = await self._state(0)
            if state == "bad":
                self._bad = 0
            elif state == "good":
                self._good = 0
        while self._bad < len(self._turns) and (left := self._left()):
            middle = (self._good + self._bad) / 2
            place = min(left, key=lambda one: abs(one - middle))
            state = await self._state(place)
            if state == "bad":
                self._bad = place
            elif state == "good":
                self._good = place

    def _left(self) -> list[int]:
        """The places between the last good and the first bad one that were not checked."""
        between = range(self._good + 1, self._bad)
        return [place for place in between if self._turns[place] not in self._checked]

    async def _state(self, place: int) -> State:
        turn = self._turns[place]
        if turn not in self._checked:
            self._checked[turn] = await self._check(turn)
        return self._checked[turn].state

    def result(self) -> Bisected:
        """What was found."""
        checked = tuple(self._checked.values())
        if self._bad == len(self._turns):
            return Bisected(None, None, (), checked)
        candidates = tuple(self._turns[self._good + 1 : self._bad + 1])
        return Bisected(
            candidates[0] if len(candidates) == 1 else None,
            self._turns[self._good] if self._good >= 0 else None,
            candidates,
            checked,
        )
