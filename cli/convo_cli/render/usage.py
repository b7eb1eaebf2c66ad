"""Shows usage by session, branch or turn, in every format, with a total."""

from collections.abc import Sequence
from typing import Literal

from convo.usage_records import COMPLETED, Tokens, UsageReport, UsageRow
from convo_cli.render.data.rows import USAGE_KEYS, Row, usage_row
from convo_cli.render.listings import Listing, number, preview
from convo_cli.render.terminal.grid import Column, Grid
from convo_cli.render.terminal.text import one_line

By = Literal["total", "turn", "branch"]

_NEW = "(new)"
"""Stands for the session that a first prompt has not begun, as at the prompt of a chat."""

_FIRST_COLUMNS: dict[By, tuple[Column, ...]] = {
    "total": (
        Column("session", weight=2, wraps=True),
        Column("status"),
        Column("turns", numeric=True),
    ),
    "branch": (
        Column("branch", weight=1, wraps=True),
        Column(""),
        Column("status"),
        Column("turns", numeric=True),
    ),
    "turn": (
        Column("branch", weight=1, wraps=True),
        Column(""),
        Column("turn", numeric=True),
        Column("status"),
        Column("text", weight=3),
        Column("model", weight=1),
    ),
}
_TOKEN_COLUMNS = tuple(
    Column(title, numeric=True) for title in ("req", "input", "cached", "output", "reason", "total")
)


def usage(usages: UsageReport, by: By) -> Listing:
    """Usage, with failed and interrupted turns on lines of their own.

    JSON has the total beside the rows.
    """
    total = usages.total

    def rows() -> list[Row]:
        return [usage_row(usage) for usage in usages.rows]

    def document() -> Row:
        return {"rows": rows(), "total": usage_row(total)}

    return Listing(USAGE_KEYS, rows, lambda: _grid(usages.rows, by, total), document)


def _grid(usages: Sequence[UsageRow], by: By, total: UsageRow) -> Grid:
    columns = [*_FIRST_COLUMNS[by], *_TOKEN_COLUMNS]
    lines = [[*_first_cells(usage, by), *_token_cells(usage.tokens)] for usage in usages]
    last = None
    if by != "total" or len(usages) > 1:
        first = ["total", *[""] * (len(_FIRST_COLUMNS[by]) - 1)]
        if by != "turn":
            first[-1] = number(total.turns)
        last = [*first, *_token_cells(total.tokens)]
    return Grid(columns, lines, total=last).without_empty("", "status", "model", "cached", "reason")


def _first_cells(usage: UsageRow, by: By) -> list[str]:
    begun = usage.session_id != ""
    branch = one_line(usage.branch_id or "") if begun else _NEW
    deleted = "deleted" if usage.is_deleted else ""
    status = "" if usage.status == COMPLETED else usage.status or ""
    match by:
        case "total":
            return [one_line(usage.session_id) if begun else _NEW, status, number(usage.turns)]
        case "branch":
            return [branch, deleted, status, number(usage.turns)]
        case "turn":
            turn = "" if usage.turn is None else str(usage.turn)
            asked = preview(usage.text or "")
            return [branch, deleted, turn, status, asked, one_line(usage.model or "")]


def _token_cells(tokens: Tokens) -> list[str]:
    """Counts of tokens; zero counts of cached and reasoning tokens are blank."""
    if tokens.is_unknown:
        return [number(tokens.requests), *[""] * (len(_TOKEN_COLUMNS) - 1)]
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
