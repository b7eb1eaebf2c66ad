"""Lists of what tools cost."""

from collections.abc import Sequence
from typing import Any, Literal

from convo.history.shares import ToolCost, together
from convo_cli.render.data import usage_shapes
from convo_cli.render.data.rows import Row
from convo_cli.render.listings import Listing, number
from convo_cli.render.terminal.grid import Column, Grid
from convo_cli.render.terminal.text import one_line

By = Literal["tool", "turn", "branch", "session"]

_KEYS: dict[By, tuple[str, ...]] = {
    "tool": ("tool",),
    "turn": ("turn", "tool"),
    "branch": ("session", "branch", "tool"),
    "session": ("session", "tool"),
}
"""What tells the rows of a report apart."""

TOOL_COST_KEYS = tuple(usage_shapes.TOOL_COST)

_SUMS = TOOL_COST_KEYS[4:]


def tool_costs(costs: Sequence[ToolCost], by: By) -> Listing:
    """The costs of tools, summed up, with a total in the table."""
    keys = _KEYS[by]
    if by == "turn" and len({(cost.session_id, cost.branch_id) for cost in costs}) > 1:
        keys = ("session", "branch", *keys)
    summed: dict[tuple[Any, ...], ToolCost] = {}
    for cost in costs:
        key = tuple(_value(cost, name) for name in keys)
        summed[key] = together(summed.get(key), cost)
    if by == "tool":
        summed = dict(sorted(summed.items(), key=lambda one: -one[1].sent_tokens))

    def rows() -> list[Row]:
        return [
            {
                **dict.fromkeys(TOOL_COST_KEYS),
                **dict(zip(keys, key, strict=True)),
                **dict(zip(_SUMS, _sums(cost), strict=True)),
            }
            for key, cost in summed.items()
        ]

    def grid() -> Grid:
        titles = ("calls", "failed", "seconds", "each", "tokens", "afterwards")
        columns = [
            *(
                Column(key, numeric=True) if key == "turn" else Column(key, weight=2, wraps=True)
                for key in keys
            ),
            *(Column(title, numeric=True) for title in titles),
        ]
        lines = [
            [*(one_line(str(value)) for value in key), *_cells(cost)]
            for key, cost in summed.items()
        ]
        total: ToolCost | None = None
        for cost in summed.values():
            total = together(total, cost)
        last = None
        if total is not None and len(lines) > 1:
            last = ["total", *[""] * (len(keys) - 1), *_cells(total)]
        return Grid(columns, lines, total=last).without_empty("failed", "seconds", "each")

    return Listing(TOOL_COST_KEYS, rows, grid)


def _value(cost: ToolCost, name: str) -> str | int:
    if name == "turn":
        return cost.turn
    return {"session": cost.session_id, "branch": cost.branch_id, "tool": cost.tool}[name]


def _sums(cost: ToolCost) -> tuple[float | None, ...]:
    seconds = round(cost.seconds, 3) if cost.timed else None
    return cost.calls, cost.failed, cost.timed, seconds, cost.output_tokens, cost.sent_tokens


def _cells(cost: ToolCost) -> list[str]:
    timed = bool(cost.timed)
    return [
        number(cost.calls),
        number(cost.failed) if cost.failed else "",
        f"{cost.seconds:,.1f}" if timed else "",
        f"{cost.seconds / cost.timed:,.2f}" if timed else "",
        number(cost.output_tokens, estimated=True),
        number(cost.sent_tokens, estimated=True),
    ]
