"""Turns what a bisection has found into text and rows."""

from collections.abc import Iterator
from typing import NamedTuple

from convo.trials.searching import Bisected, Checked
from convo_cli.render.data import trial_shapes
from convo_cli.render.data.rows import Row
from convo_cli.render.listings import number, preview
from convo_cli.render.money import dollars, in_column
from convo_cli.render.terminal.grid import Column, Grid
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.tables import draw
from convo_cli.render.terminal.text import one_line

BISECTED_KEYS = tuple(trial_shapes.BISECTED)
CHECKED_KEYS = tuple(trial_shapes.CHECKED)

AFTER_RERUNS = "the turns that were asked again are on branches `bisect-N`"
_SECONDS, _DOLLARS = 3, 9


class Searched(NamedTuple):
    """A bisection of a branch, and how it was made."""

    session: str
    branch: str
    found: Bisected
    reruns: bool
    every: bool


def sentence(searched: Searched) -> str:
    """What was found, in one sentence; "" if nothing was."""
    found, branch = searched.found, one_line(searched.branch)
    what = "rerun" if searched.reruns else "answer"
    good = "" if found.last_good is None else f"; turn {found.last_good} passes"
    if found.first_bad is not None:
        return f"turn {found.first_bad} of '{branch}' is the first whose {what} fails{good}"
    if not found.candidates:
        return ""
    first, last = found.candidates[0], found.candidates[-1]
    return (
        f"one of the turns {first}-{last} of '{branch}' is the first whose {what} fails{good}, "
        f"and those before turn {last} were skipped"
    )


def contradiction(searched: Searched) -> str | None:
    """A warning if the turns contradict what a bisection assumes."""
    if searched.found.is_monotone:
        return None
    states = [(one.turn, one.state) for one in sorted(searched.found.checked)]
    bad = next(turn for turn, state in states if state == "bad")
    good = next(turn for turn, state in states if state == "good" and turn > bad)
    said = f"turn {bad} fails, but turn {good} after it passes"
    if searched.every:
        return f"{said}: failures come and go"
    return f"{said}: a bisection assumes that failures stay; --all checks every answer"


def nothing_fails(searched: Searched) -> str:
    """The error for a bisection that found nothing."""
    what = "rerun" if searched.reruns else "answer"
    states = {one.state for one in searched.found.checked}
    if states == {"skipped"}:
        return f"every {what} of '{searched.branch}' was skipped"
    return f"no {what} of '{searched.branch}' that was checked fails"


def what_next(searched: Searched) -> str | None:
    """What to do about that."""
    if searched.every or all(one.state == "skipped" for one in searched.found.checked):
        return None
    if searched.reruns:
        return "a bisection assumes that the last one fails if any does; --to N ends before it"
    return "a bisection assumes that the last one fails if any does; --all checks every answer"


def bisected_lines(searched: Searched, look: Look) -> Iterator[str]:
    """The result, and the turns that were checked as a table."""
    if said := sentence(searched):
        yield f"{said}\n\n"
    yield draw(_grid(searched), look)


def _grid(searched: Searched) -> Grid:
    columns = [
        Column("turn", numeric=True),
        Column("state"),
        Column("exit", numeric=True),
        Column("branch", weight=2, wraps=True),
        Column("tokens", numeric=True),
        Column("cost ($)", numeric=True),
        Column("seconds", numeric=True),
        Column("output", weight=2),
    ]
    checked = sorted(searched.found.checked)
    rows = [
        [
            str(one.turn),
            one.state,
            "" if one.code is None else str(one.code),
            one_line(one.branch_id or ""),
            _tokens(one),
            "" if one.outcome is None else in_column(one.outcome.cost),
            f"{one.seconds if one.outcome is None else one.outcome.seconds:,.1f}",
            preview(one.output),
        ]
        for one in checked
    ]
    first = searched.found.first_bad
    marked = next((place for place, one in enumerate(checked) if one.turn == first), None)
    grid = Grid(columns, rows, marked).without_empty("branch", "tokens", "cost ($)", "output")
    return grid if searched.reruns else grid.without("seconds")


def _tokens(one: Checked) -> str:
    if one.outcome is None or not one.outcome.tokens.total_tokens:
        return ""
    return number(one.outcome.tokens.total_tokens, one.outcome.tokens.estimated)


def told(checked: Checked) -> str:
    """One turn that was checked, as a message."""
    facts = [f"turn {checked.turn} is {checked.state}"]
    if tokens := _tokens(checked):
        facts.append(f"{tokens} tokens")
    if checked.outcome is not None and checked.outcome.cost is not None:
        facts.append(dollars(checked.outcome.cost))
    return ", ".join(facts)


def bisected_row(searched: Searched) -> Row:
    """The result, by `BISECTED_KEYS`."""
    found = searched.found
    values = [
        searched.session,
        searched.branch,
        searched.reruns,
        found.first_bad,
        found.last_good,
        list(found.candidates),
        found.is_monotone,
        checked_rows(searched),
    ]
    return dict(zip(BISECTED_KEYS, values, strict=True))


def checked_rows(searched: Searched) -> list[Row]:
    """The turns in the order in which they were checked, by `CHECKED_KEYS`."""
    return [_row(searched, one) for one in searched.found.checked]


def _row(searched: Searched, one: Checked) -> Row:
    outcome = one.outcome
    tokens = None if outcome is None else outcome.tokens.total_tokens
    cost = None if outcome is None else outcome.cost
    values = [
        one.turn,
        one.state,
        one.code,
        one.output.rstrip("\n"),
        round(one.seconds, _SECONDS),
        one.branch_id or searched.branch,
        tokens,
        None if cost is None else round(cost, _DOLLARS),
        None if outcome is None else round(outcome.seconds, _SECONDS),
    ]
    return dict(zip(CHECKED_KEYS, values, strict=True))
