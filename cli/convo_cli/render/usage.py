"""Tokens by session, branch or turn, in every format, with their total."""

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Literal

from convo.records import Tokens, UsageRow
from convo_cli.render.grid import Column, Grid
from convo_cli.render.listings import Listing, number, preview
from convo_cli.render.rows import USAGE_KEYS, Row, token_row, usage_row
from convo_cli.render.text import one_line

By = Literal["total", "turn", "branch"]

_FIRST_COLUMNS: dict[By, tuple[Column, ...]] = {
    "total": (Column("session", weight=2), Column("turns", numeric=True)),
    "branch": (Column("branch", weight=1), Column(""), Column("turns", numeric=True)),
    "turn": (
        Column("branch", weight=1),
        Column(""),
        Column("turn", numeric=True),
        Column("text", weight=3),
        Column("model", weight=1),
    ),
}
_TOKEN_COLUMNS = tuple(
    Column(title, numeric=True) for title in ("req", "input", "cached", "output", "reason", "total")
)


def usage(usages: Sequence[UsageRow], by: By) -> Listing:
    """What was spent. JSON has the total beside the rows, or alone where it is all there is."""

    def rows() -> list[Row]:
        return [usage_row(usage) for usage in usages]

    def document() -> Row:
        return {"rows": rows(), "total": sum_of(usages)} if by != "total" else rows()[0]

    return Listing(USAGE_KEYS, rows, lambda: _grid(usages, by), document)


def sum_of(usages: Sequence[UsageRow]) -> Row:
    """The sum of all rows, with the keys of a total: turns, then token counts."""
    tokens = reduce(add, (usage.tokens for usage in usages), Tokens())
    return {"turns": sum(usage.turns for usage in usages), **token_row(tokens)}


def _grid(usages: Sequence[UsageRow], by: By) -> Grid:
    columns = [*_FIRST_COLUMNS[by], *_TOKEN_COLUMNS]
    lines = [[*_first_cells(usage, by), *_token_cells(usage.tokens)] for usage in usages]
    total = None
    if by != "total":
        tokens = reduce(add, (usage.tokens for usage in usages), Tokens())
        first = ["total", *[""] * (len(_FIRST_COLUMNS[by]) - 1)]
        if by == "branch":
            first[-1] = number(sum(usage.turns for usage in usages))
        total = [*first, *_token_cells(tokens)]
    return Grid(columns, lines, total=total).without_empty("", "model", "cached", "reason")


def _first_cells(usage: UsageRow, by: By) -> list[str]:
    branch = one_line(usage.branch_id or "")
    deleted = "deleted" if usage.branch_deleted else ""
    match by:
        case "total":
            return [one_line(usage.session_id), number(usage.turns)]
        case "branch":
            return [branch, deleted, number(usage.turns)]
        case "turn":
            turn = "" if usage.turn is None else str(usage.turn)
            return [branch, deleted, turn, preview(usage.text or ""), one_line(usage.model or "")]


def _token_cells(tokens: Tokens) -> list[str]:
    """Counts of tokens; what a model did not cache or think about is left empty."""
    counts = [
        tokens.input_tokens,
        tokens.cached_tokens or None,
        tokens.output_tokens,
        tokens.reasoning_tokens or None,
        tokens.total_tokens,
    ]
    estimated = tokens.estimated
    return [
        number(tokens.requests),
        *("" if count is None else number(count, estimated) for count in counts),
    ]
