"""The status line below the prompt: the model or agent, the cost, and the position of the chat."""

from collections.abc import Sequence
from typing import NamedTuple

from convo.usage_records import Tokens
from convo_cli.render.listings import number
from convo_cli.render.money import dollars
from convo_cli.render.terminal.grid import cells, fitted
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.text import one_line


class Spent(NamedTuple):
    """Tokens, and their cost in US dollars; None if the price is unknown."""

    tokens: Tokens
    cost: float | None = None


class Status(NamedTuple):
    """The contents of the status line.

    `context` is the size of the conversation in tokens, `window` the context window of the model,
    `agent` the agent that goes on if another one began, `attached` the number of files, and
    `waiting` the number of pending turns, and `budget` what this month has cost of its budget, once
    little is left. None and 0 are not shown.
    """

    model: str
    branch: str
    session: Spent | None = None
    last: Spent | None = None
    context: int | None = None
    window: int | None = None
    agent: str | None = None
    attached: int = 0
    waiting: int = 0
    budget: str | None = None


def status_line(status: Status, look: Look) -> str:
    """The parts that fit into the width, the most important first. No part is cut."""
    dot = " · " if look.unicode else ", "
    shown: list[str] = []
    for part in _parts(status):
        longer = dot.join([*shown, part])
        if not shown or cells(longer) < look.width:
            shown.append(part)
    return fitted(dot.join(shown), look.width - 1, look.ellipsis)


def _parts(status: Status) -> Sequence[str]:
    """All parts, those that call for an action before those that only inform."""
    model = one_line(status.model)
    parts = [f"{model} @{one_line(status.agent)}" if status.agent else model]
    if status.attached:
        parts.append(f"+{status.attached:,} attached")
    if status.waiting:
        parts.append(f"{status.waiting:,} {'waits' if status.waiting == 1 else 'wait'}")
    if status.budget is not None:
        parts.append(f"month {status.budget}")
    if status.session is not None:
        parts.append(_spent(status.session, " tokens"))
    if status.last is not None:
        parts.append(f"last {_spent(status.last)}")
    if status.context is not None and status.window:
        parts.append(f"{_share(status.context, status.window)} of {_short(status.window)}")
    return [*parts, one_line(status.branch)]


def _spent(spent: Spent, what: str = "") -> str:
    tokens = spent.tokens
    counted = "?" if tokens.is_unknown else number(tokens.total_tokens, tokens.estimated)
    money = "" if spent.cost is None else f" {dollars(spent.cost)}"
    return f"{counted}{what}{money}"


def _share(part: int, whole: int) -> str:
    percent = 100 * part / whole
    return "<1%" if 0 < percent < 1 else f"{percent:.0f}%"


def _short(count: int) -> str:
    """A short form of a number of tokens: 400k, 1M."""
    if count >= 1_000_000:
        return f"{count / 1_000_000:g}M" if count % 100_000 == 0 else f"{count / 1_000_000:.1f}M"
    return f"{count // 1000}k" if count >= 1000 else str(count)
