"""Turns evals into text: their list, what came of one, and how two differ."""

from collections.abc import Sequence

from convo.eval_records import EvalResult, EvalRun
from convo.trials.comparison import EvalDifference
from convo_cli.render.data import eval_shapes
from convo_cli.render.data.eval_rows import (
    change_row,
    interval_row,
    result_row,
    run_row,
    summaries,
    summary_row,
)
from convo_cli.render.data.rows import Row
from convo_cli.render.listings import Listing, number, when
from convo_cli.render.money import in_column
from convo_cli.render.terminal.grid import Column, Grid
from convo_cli.render.terminal.text import counted, one_line


def evals(runs: Sequence[EvalRun]) -> Listing:
    """The list of runs."""

    def grid() -> Grid:
        columns = [
            Column("run", numeric=True),
            Column("set", weight=2, wraps=True),
            Column("asked", weight=2, wraps=True),
            Column("cases", numeric=True),
            Column("passed", numeric=True),
            Column("errors", numeric=True, spare=1),
            Column("session", weight=2, wraps=True),
            Column("state"),
            Column("when"),
        ]
        rows = [
            [
                str(run.run),
                one_line(run.name),
                one_line(", ".join(run.choices)),
                number(run.cases),
                f"{number(run.passed)}/{number(run.wanted)}",
                number(run.errors) if run.errors else "",
                one_line(run.session_id or "(deleted)"),
                "" if run.ended_at is not None else f"{number(run.done)} made",
                when(run.created_at),
            ]
            for run in runs
        ]
        return Grid(columns, rows).without_empty("errors", "state")

    return Listing(tuple(eval_shapes.EVAL), lambda: [run_row(run) for run in runs], grid)


def report(run: EvalRun, results: Sequence[EvalResult]) -> Listing:
    """What came of a run: its choices for a user, its attempts for a program."""
    found = summaries(run.choices, results)

    def grid() -> Grid:
        columns = [
            Column("asked", weight=2, wraps=True),
            Column("passed", numeric=True),
            Column("rate", numeric=True),
            Column("95 % interval"),
            Column("errors", numeric=True),
            Column("tokens", numeric=True, spare=2),
            Column("cost ($)", numeric=True),
            Column("judges ($)", numeric=True),
            Column("seconds", numeric=True, spare=1),
        ]
        rows = [
            [
                one_line(one.choice),
                f"{number(one.passed)}/{number(one.attempts)}",
                percent(one.rate.value) if one.attempts else "",
                f"{percent(one.rate.low)} to {percent(one.rate.high)}" if one.attempts else "",
                number(one.errors) if one.errors else "",
                f"{'~' if one.tokens.estimated else ''}{number(one.tokens.total_tokens)}",
                in_column(one.cost),
                in_column(one.judge_cost),
                f"{one.seconds:,.1f}",
            ]
            for one in found
        ]
        return Grid(columns, rows).without_empty("errors", "cost ($)", "judges ($)")

    def document() -> Row:
        return {
            **run_row(run),
            "by_choice": [summary_row(one) for one in found],
            "results": [result_row(one) for one in results],
        }

    return Listing(
        tuple(eval_shapes.EVAL_RESULT),
        lambda: [result_row(one) for one in results],
        grid,
        document,
    )


def attempts(run: EvalRun, results: Sequence[EvalResult]) -> Grid:
    """Attempts, with the reasons of those that have not passed."""
    columns = [
        Column("case", weight=2, wraps=True),
        Column("asked", weight=1, wraps=True),
        Column("attempt", numeric=True),
        Column("state"),
        Column("reason", weight=4),
        Column("branch", weight=2, wraps=True),
    ]
    rows = [
        [
            one_line(one.case),
            one_line(one.choice) if len(run.choices) > 1 else "",
            str(one.attempt) if run.repeat > 1 else "",
            one.state,
            one_line(one.reason or ""),
            _branch(run, one),
        ]
        for one in results
    ]
    return Grid(columns, rows).without_empty("asked", "attempt", "reason", "branch")


def _branch(run: EvalRun, result: EvalResult) -> str:
    """The branch of an answer, with its session if that is not the one of the run."""
    if result.branch_id is None:
        return ""
    branch = one_line(result.branch_id)
    if result.session_id == run.session_id:
        return branch
    return f"{branch} in {one_line(result.session_id or '')}"


def comparison(
    before: tuple[EvalRun, str | None],
    after: tuple[EvalRun, str | None],
    found: EvalDifference,
) -> Listing:
    """How two runs differ, each by one choice or by all: the cases that changed."""

    def grid() -> Grid:
        columns = [
            Column("case", weight=2, wraps=True),
            Column("change"),
            Column("before", numeric=True),
            Column("after", numeric=True),
            Column("reason", weight=4),
        ]
        rows = [
            [
                one_line(one.case),
                one.change,
                "" if one.before is None else percent(one.before),
                "" if one.after is None else percent(one.after),
                one_line(one.reason or ""),
            ]
            for one in found.changed
        ]
        return Grid(columns, rows).without_empty("reason")

    def document() -> Row:
        return {
            "before_run": before[0].run,
            "before_choice": before[1],
            "after_run": after[0].run,
            "after_choice": after[1],
            "verdict": found.verdict,
            "paired": found.paired,
            "before": interval_row(found.before),
            "after": interval_row(found.after),
            "difference": interval_row(found.difference),
            "changes": [change_row(one) for one in found.changed],
        }

    return Listing(
        tuple(eval_shapes.EVAL_CHANGE),
        lambda: [change_row(one) for one in found.changed],
        grid,
        document,
    )


def difference_in_words(found: EvalDifference) -> str:
    """What the difference of two runs shows, in a few lines."""
    value, low, high = found.difference
    cases = (
        f"over the {counted(found.paired, 'case')} that both asked"
        if found.paired
        else "over different cases"
    )
    rates = f"{percent(found.before.value)} before, {percent(found.after.value)} after"
    by = f"{_points(value)} points, 95 % interval {_points(low)} to {_points(high)}"
    said = {
        "better": "better: chance alone rarely makes such a difference",
        "worse": "worse: chance alone rarely makes such a difference",
        "not told apart": "not told apart: the interval has 0 in it, so it may be chance",
    }[found.verdict]
    return f"{rates}, {cases}\n{by}\n{said}\n"


def percent(share: float) -> str:
    """A share as a percentage: 92 %, 92.5 %."""
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"
