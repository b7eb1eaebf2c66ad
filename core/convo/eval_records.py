"""The records of evals: runs of a set of cases, and what came of each attempt at a case."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from convo.usage_records import Tokens

EvalState = Literal["passed", "failed", "error"]
"""An attempt is an error if there is no answer, or if a check could not be carried out."""


class CheckResult(NamedTuple):
    """What became of a check: `passed` is None if it could not be carried out."""

    kind: str
    passed: bool | None
    reason: str


class EvalResult(NamedTuple):
    """What came of one attempt at a case.

    The answer is that of `turn` of a branch; `session_id` is None once that session has been
    deleted. `digest` tells whether a case of another run asks and checks the same. `message` says
    why there is no answer. `cost` and `judge_cost` are in US dollars, None if they are not known;
    a judge's is not part of the other.
    """

    position: int
    case: str
    digest: str
    choice: str
    attempt: int
    state: EvalState
    session_id: str | None = None
    branch_id: str | None = None
    turn: int | None = None
    checks: Sequence[CheckResult] = ()
    message: str | None = None
    tokens: Tokens = Tokens()
    cost: float | None = None
    judge_cost: float | None = None
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether all checks passed."""
        return self.state == "passed"

    @property
    def reason(self) -> str | None:
        """Why the attempt has not passed, in one line."""
        if self.message is not None:
            return self.message
        return next((one.reason for one in self.checks if one.passed is not True), None)


class EvalRun(NamedTuple):
    """One run of a set of cases, by each of the choices, `repeat` times each.

    `session_id` is the session that its branches are in, None once it has been deleted; cases that
    go on from other branches are in the sessions of these. `digest` tells whether another run had
    the same cases. `ended_at` is None until every attempt has been made.
    """

    run: int
    name: str
    path: str | None
    digest: str
    session_id: str | None
    choices: tuple[str, ...]
    cases: int
    repeat: int
    done: int
    passed: int
    errors: int
    created_at: str
    ended_at: str | None

    @property
    def wanted(self) -> int:
        """The number of attempts that the run consists of."""
        return self.cases * len(self.choices) * self.repeat
