"""Turns what happens in a trial into text: what it will cost, how far it is, what came of it."""

import shlex
from collections.abc import Sequence
from typing import NamedTuple

from convo.trials.estimate import Estimate
from convo.usage_records import Tokens
from convo_cli.render.data import trial_shapes
from convo_cli.render.listings import Listing, number
from convo_cli.render.money import dollars, in_column
from convo_cli.render.terminal.grid import Column, Grid
from convo_cli.render.terminal.text import counted, one_line

_NAMED = 4
"""The most choices that are named in one line."""


class Line(NamedTuple):
    """One line of a trial: its branch, how far it is, and what it has taken."""

    name: str
    done: int
    total: int
    tokens: Tokens = Tokens()
    cost: float | None = None
    seconds: float = 0.0
    state: str = "waits"
    session: str | None = None
    branch: str | None = None
    model: str | None = None
    from_turn: int | None = None
    error: str | None = None


def planned(plans: Sequence[tuple[str, Estimate]]) -> str:
    """What is about to be asked, in one line: how many requests, to whom, and for how much."""
    whole = plans[0][1] if plans else Estimate()
    for _, estimate in plans[1:]:
        whole += estimate
    each = [f"{one_line(name)} {number(estimate.requests)}" for name, estimate in plans[:_NAMED]]
    more = f" and {len(plans) - _NAMED:,} more" if len(plans) > _NAMED else ""
    tokens = number(whole.input_tokens + whole.output_tokens)
    said = f"{counted(whole.requests, 'request')} ({', '.join(each)}{more})"
    about = f"about {tokens} tokens" if whole.known else f"perhaps {tokens} tokens"
    priced = [estimate for _, estimate in plans if estimate.cost is not None]
    cost = sum(estimate.cost or 0 for estimate in priced)
    if not priced:
        return f"{said}, {about}; the cost is not known"
    rest = len(plans) - len(priced)
    without = f" and what {counted(rest, 'model')} without a price will cost" if rest else ""
    return f"{said}, {about}, {'about ' if cost else ''}{dollars(cost)}{without}"


def lines(all_lines: Sequence[Line]) -> Listing:
    """The lines of a trial as a list."""

    def grid() -> Grid:
        columns = [
            Column("branch", weight=1, wraps=True),
            Column("model", weight=1),
            Column("turns", numeric=True),
            Column("tokens", numeric=True),
            Column("cost ($)", numeric=True),
            Column("seconds", numeric=True),
            Column("state", weight=2, wraps=True),
        ]
        rows = [
            [
                one_line(line.branch or ""),
                one_line(line.name),
                _progress(line),
                _tokens(line.tokens),
                in_column(line.cost),
                _seconds(line.seconds),
                one_line(f"{line.state}: {line.error}" if line.error else line.state),
            ]
            for line in all_lines
        ]
        return Grid(columns, rows).without_empty("branch", "tokens", "cost ($)")

    return Listing(tuple(trial_shapes.TRIAL_LINE), lambda: [_row(line) for line in all_lines], grid)


def told(line: Line) -> str:
    """How far a line is, as a message of one line."""
    where = f"{line.name}: turn {line.done:,} of {line.total:,}"
    if line.state == "failed":
        return f"{where} was the last: {line.error}" if line.done else f"{line.name}: {line.error}"
    if line.state == "waits":
        return f"{line.name}: the server limits the rate of requests"
    spent = [f"{_tokens(line.tokens)} tokens"] if line.tokens.total_tokens else []
    spent += [] if line.cost is None else [dollars(line.cost)]
    return ", ".join([where, *spent, f"{_seconds(line.seconds)} s"])


def answers(
    all_lines: Sequence[Line], texts: Sequence[str | None], turns: Sequence[int | None]
) -> Listing:
    """The answers of several models as a list for programs."""

    def rows() -> list[dict[str, object]]:
        made = []
        for line, text, turn in zip(all_lines, texts, turns, strict=True):
            row = {**_row(line), "turn": turn, "answer": text}
            made.append({key: row[key] for key in trial_shapes.ASKED})
        return made

    return Listing(tuple(trial_shapes.ASKED), rows, lines(all_lines).grid)


def where_answers_are(branches: Sequence[str], pick: str = "convo pick") -> str:
    """Where answers are, and how to go on with one of them."""
    named = ", ".join(f"'{branch}'" for branch in branches)
    on = "is on branch" if len(branches) == 1 else "are on the branches"
    what = "the answer" if len(branches) == 1 else "the answers"
    it = "it" if len(branches) == 1 else "one"
    return f"{what} {on} {named}; `{pick} {shlex.quote(branches[0])}` goes on with {it}"


def picked(
    branch: str, others: Sequence[str], model: str | None, delete: str = "convo delete"
) -> str:
    """A line saying which branch is gone on with, and what has become of the others.

    `model` is the one that goes on there; None if that is decided elsewhere.
    """
    said = f"'{branch}' is current now" + (f", and {model} goes on" if model else "")
    if not others:
        return said
    named = ", ".join(f"'{other}'" for other in others[:_NAMED])
    more = f" and {len(others) - _NAMED:,} more" if len(others) > _NAMED else ""
    words = " ".join(shlex.quote(other) for other in others[:_NAMED])
    stay, them = ("stays as it is", "it") if len(others) == 1 else ("stay as they are", "them")
    them = "those that are named" if more else them
    return f"{said}; {named}{more} {stay}: `{delete} {words}` deletes {them}"


def compared(source: str, branches: Sequence[str]) -> str:
    """What can be done with the branches of a trial, in one line."""
    if not branches:
        return "no branch was made: nothing was answered"
    compare = "diff" if len(branches) == 1 else "compare"
    named = " ".join(map(shlex.quote, [source, *branches]))
    one = "the new one" if len(branches) == 1 else "one"
    pick = f"`convo pick {shlex.quote(branches[0])}` goes on with {one}"
    return f"`convo {compare} {named}` compares them, {pick}"


def _row(line: Line) -> dict[str, object]:
    tokens = line.tokens
    return {
        "session": line.session,
        "branch": line.branch,
        "name": line.name,
        "model": line.model,
        "from_turn": line.from_turn,
        "turns": line.done,
        "wanted": line.total,
        "requests": tokens.requests,
        "input_tokens": tokens.input_tokens,
        "output_tokens": tokens.output_tokens,
        "total_tokens": tokens.total_tokens,
        "estimated": tokens.estimated,
        "cost": line.cost,
        "seconds": round(line.seconds, 3),
        "state": line.state,
        "error": line.error,
    }


def _progress(line: Line) -> str:
    return f"{line.done:,}/{line.total:,}"


def _tokens(tokens: Tokens) -> str:
    return f"{'~' if tokens.estimated else ''}{number(tokens.total_tokens)}"


def _seconds(seconds: float) -> str:
    return f"{seconds:,.1f}"
