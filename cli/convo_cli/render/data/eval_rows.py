"""Evals as rows for programs, and what came of the attempts of each choice."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from convo.eval_records import EvalResult, EvalRun
from convo.trials.comparison import ChangedCase
from convo.trials.evaluate import attempts_by_case
from convo.trials.intervals import Interval, rate_of
from convo.usage_records import Tokens
from convo_cli.render.data.rows import Row


class Summary(NamedTuple):
    """What came of the attempts of one choice."""

    choice: str
    attempts: int
    passed: int
    errors: int
    rate: Interval
    tokens: Tokens
    cost: float | None
    judge_cost: float | None
    seconds: float


def summaries(choices: Sequence[str], results: Sequence[EvalResult]) -> list[Summary]:
    """What came of the attempts of each choice."""
    return [_summary(choice, results) for choice in choices]


def _summary(choice: str, results: Sequence[EvalResult]) -> Summary:
    own = [one for one in results if one.choice == choice]
    return Summary(
        choice,
        len(own),
        sum(one.passed for one in own),
        sum(one.state == "error" for one in own),
        rate_of(list(attempts_by_case(own).values())),
        sum((one.tokens for one in own), Tokens()),
        _sum([one.cost for one in own]),
        _sum([one.judge_cost for one in own]),
        sum(one.seconds for one in own),
    )


def _sum(costs: Sequence[float | None]) -> float | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known) if known else None


def run_row(run: EvalRun) -> Row:
    """A run as a row for programs."""
    return {
        "run": run.run,
        "set": run.name,
        "path": run.path,
        "session": run.session_id,
        "choices": list(run.choices),
        "cases": run.cases,
        "repeat": run.repeat,
        "wanted": run.wanted,
        "done": run.done,
        "passed": run.passed,
        "errors": run.errors,
        "created_at": run.created_at,
        "ended_at": run.ended_at,
    }


def result_row(one: EvalResult) -> Row:
    """An attempt as a row for programs."""
    return {
        "case": one.case,
        "choice": one.choice,
        "attempt": one.attempt,
        "state": one.state,
        "reason": one.reason,
        "session": one.session_id,
        "branch": one.branch_id,
        "turn": one.turn,
        "total_tokens": one.tokens.total_tokens,
        "cost": one.cost,
        "judge_cost": one.judge_cost,
        "seconds": round(one.seconds, 3),
        "checks": [check._asdict() for check in one.checks],
    }


def summary_row(one: Summary) -> Row:
    """What came of a choice as a row for programs."""
    return {
        "choice": one.choice,
        "attempts": one.attempts,
        "passed": one.passed,
        "failed": one.attempts - one.passed - one.errors,
        "errors": one.errors,
        "rate": one.rate.value,
        "low": one.rate.low,
        "high": one.rate.high,
        "requests": one.tokens.requests,
        "input_tokens": one.tokens.input_tokens,
        "output_tokens": one.tokens.output_tokens,
        "total_tokens": one.tokens.total_tokens,
        "estimated": one.tokens.estimated,
        "cost": one.cost,
        "judge_cost": one.judge_cost,
        "seconds": round(one.seconds, 3),
    }


def change_row(one: ChangedCase) -> Row:
    """A case that changed as a row for programs."""
    return one._asdict()


def interval_row(found: Interval) -> dict[str, Any]:
    """An interval as an object for programs."""
    return found._asdict()
