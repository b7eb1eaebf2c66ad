"""Shows usage by session, branch, turn or other keys, in every format, with a total."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from convo.usage.groups import PERIODS
from convo.usage.prices import CURRENCY, Origin
from convo.usage_records import COMPLETED, Timing, Tokens, UsageReport, UsageRow
from convo_cli.render.data import usage_shapes
from convo_cli.render.data.rows import USAGE_KEYS, Row, cost_row, token_row, usage_row
from convo_cli.render.listings import Listing, number, preview
from convo_cli.render.money import in_column
from convo_cli.render.terminal.grid import Column, Grid
from convo_cli.render.terminal.text import one_line

By = Literal["total", "turn", "branch"]

GROUP_KEYS = tuple(usage_shapes.USAGE_GROUP)

NEW = "(new)"
"""Stands for the session that a first prompt has not begun, as at the prompt of a chat."""

_NONE = {
    "tool": "(no tool)",
    "agent": "(no agent)",
    "model": "(unknown)",
    "source": "(unknown)",
    "session": NEW,
}
"""The text for runs that have no value for a key."""

_FIRST_COLUMNS: dict[By, tuple[Column, ...]] = {
    "total": (
        Column("session", weight=2, wraps=True),
        Column(""),
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
_TOKENS = ("req", "input", "cached", "written", "output", "reason", "total")
_MONEY = ("USD", "recorded", "unpriced")
_SPARE = {"reason": 4, "cached": 3, "written": 3, "req": 2, "total": 1}
"""The columns that a narrow terminal has no room for, the first to go with the highest number."""
_TIMES = ("output", "first token s", "duration s", "tokens/s", *_MONEY)
_MAY_BE_EMPTY = (
    "",
    "status",
    "model",
    "cached",
    "written",
    "reason",
    *_MONEY,
    "first token s",
    "duration s",
    "tokens/s",
)


class Shown(NamedTuple):
    """A report and how to show it.

    `by` are the keys of its groups, None for the forms that are older than groups. With `times`,
    the columns are of durations instead of tokens. `prices` says where the prices come from, and
    `zone` is the time zone if the report depends on it.
    """

    report: UsageReport
    form: By = "total"
    by: Sequence[str] | None = None
    times: bool = False
    prices: Origin | None = None
    zone: str | None = None


def usage(shown: Shown) -> Listing:
    """Usage, with failed, interrupted and deleted turns on lines of their own.

    JSON has the total beside the rows, and what the costs depend on.
    """
    report, by = shown.report, shown.by
    total = report.total
    keys = USAGE_KEYS if by is None else GROUP_KEYS

    def rows() -> list[Row]:
        return [usage_row(row) if by is None else group_row(row, by) for row in report.rows]

    def document() -> Row:
        sums = {"turns": total.turns, **token_row(total.tokens), **cost_row(total)}
        whole = usage_row(total) if by is None else sums
        return {"rows": rows(), "total": whole, **_context(shown)}

    return Listing(keys, rows, lambda: _grid(shown), document)


def group_row(row: UsageRow, by: Sequence[str]) -> Row:
    """A group, by `GROUP_KEYS`; null for the keys that it is not grouped by."""
    return {
        **dict.fromkeys(GROUP_KEYS),
        **_place(row, by),
        **dict(zip(by, _values(row, by), strict=True)),
        "deleted": row.is_deleted,
        "status": row.status,
        "turns": row.turns,
        **token_row(row.tokens),
        **cost_row(row),
    }


def _place(row: UsageRow, by: Sequence[str]) -> Row:
    """The session and branch of a branch or a turn, which may be one of several sessions."""
    if not {"branch", "turn"} & set(by):
        return {}
    return {"session": row.session_id or None, "branch": row.branch_id}


def _values(row: UsageRow, by: Sequence[str]) -> list[str | None]:
    """The values of the keys; a turn is named with its branch, which is none on its own."""
    named: list[str | None] = []
    for key, value in zip(by, row.keys, strict=True):
        if key == "turn":
            named.append(f"{row.branch_id}:{value}")
        elif key == "session":
            named.append(row.session_id or None)
        else:
            named.append(value)
    return named


def _context(shown: Shown) -> Row:
    """What the numbers of a report depend on, for programs."""
    context: dict[str, Any] = {}
    if shown.prices is not None:
        context["currency"] = CURRENCY
        context["prices"] = dict(shown.prices._asdict())
        context["without_price"] = [
            {"model": model, "runs": runs} for model, runs in shown.report.without_price
        ]
        context["time_zone"] = shown.zone
    return context


def _grid(shown: Shown) -> Grid:
    report, total = shown.report, shown.report.total
    if shown.by is None:
        first = _FIRST_COLUMNS[shown.form]
        beginnings = [_first_cells(row, shown.form) for row in report.rows]
    else:
        first = (
            *(
                Column(key) if key in PERIODS else Column(key, weight=2, wraps=True)
                for key in shown.by
            ),
            Column(""),
            Column("status"),
            Column("turns", numeric=True),
        )
        beginnings = [_group_cells(row, shown.by) for row in report.rows]
        sessions = [row.session_id for row in report.rows]
        if "session" not in shown.by and len(set(sessions)) > 1:
            # Branches of several sessions may have one name.
            first = (Column("session", weight=2, wraps=True), *first)
            beginnings = [
                [one_line(session) or NEW, *cells]
                for session, cells in zip(sessions, beginnings, strict=True)
            ]
    titles = _TIMES if shown.times else (*_TOKENS, *_MONEY)
    columns = [
        *first,
        *(Column(title, numeric=True, spare=_SPARE.get(title, 0)) for title in titles),
    ]
    cells = _time_cells if shown.times else _cells
    lines = [[*begin, *cells(row)] for begin, row in zip(beginnings, report.rows, strict=True)]
    last = None
    if shown.by is not None or shown.form != "total" or len(report.rows) > 1:
        begin = ["total", *[""] * (len(first) - 1)]
        if shown.form != "turn" or shown.by is not None:
            begin[-1] = number(total.turns)
        last = [*begin, *cells(total)]
    grid = Grid(columns, lines, total=last).without_empty(*_MAY_BE_EMPTY)
    # That nothing has cost anything needs no column.
    return grid if total.money.cost else grid.without("USD")


def _first_cells(usage: UsageRow, by: By) -> list[str]:
    begun = usage.session_id != ""
    branch = one_line(usage.branch_id or "") if begun else NEW
    marks = [_deleted(usage), _status(usage)]
    match by:
        case "total":
            session = one_line(usage.session_id) if begun else NEW
            return [session, *marks, number(usage.turns)]
        case "branch":
            return [branch, *marks, number(usage.turns)]
        case "turn":
            turn = "" if usage.turn is None else str(usage.turn)
            asked = preview(usage.text or "")
            deleted, status = marks
            return [branch, deleted, turn, status, asked, one_line(usage.model or "")]


def _group_cells(row: UsageRow, by: Sequence[str]) -> list[str]:
    values = [
        _NONE.get(key, "") if value is None else one_line(value)
        for key, value in zip(by, _values(row, by), strict=True)
    ]
    return [*values, _deleted(row), _status(row), number(row.turns)]


def label(row: UsageRow, by: Sequence[str]) -> str:
    """A group in words, for a chart."""
    *values, deleted, status, _ = _group_cells(row, by)
    in_session = {"branch", "turn"} & set(by) and "session" not in by
    session = one_line(row.session_id) if in_session else ""
    return " ".join(part for part in [session, *values, deleted, status] if part)


def _deleted(usage: UsageRow) -> str:
    return "deleted" if usage.is_deleted else ""


def _status(usage: UsageRow) -> str:
    return "" if usage.status in (None, COMPLETED) else str(usage.status)


def _cells(row: UsageRow) -> list[str]:
    return [*_token_cells(row.tokens, row.cache_write_tokens), *_money_cells(row)]


def _time_cells(row: UsageRow) -> list[str]:
    timing: Timing = row.timing
    tokens = row.tokens
    output = "" if tokens.is_unknown else number(tokens.output_tokens, tokens.estimated)
    times: Sequence[float | None] = (
        timing.to_first_token,
        timing.duration_s,
        timing.tokens_per_second,
    )
    return [output, *("" if one is None else f"{one:,.1f}" for one in times), *_money_cells(row)]


def _money_cells(row: UsageRow) -> list[str]:
    money = row.money
    return [
        in_column(money.cost),
        in_column(money.recorded),
        number(money.unpriced) if money.unpriced else "",
    ]


def _token_cells(tokens: Tokens, written: int) -> list[str]:
    """Counts of tokens; zero counts of cached, written and reasoning tokens are blank."""
    if tokens.is_unknown:
        return [number(tokens.requests), *[""] * (len(_TOKENS) - 1)]
    counts = [
        tokens.input_tokens,
        tokens.cached_tokens or None,
        written or None,
        tokens.output_tokens,
        tokens.reasoning_tokens or None,
        tokens.total_tokens,
    ]
    estimated = tokens.estimated
    return [
        number(tokens.requests),
        *("" if count is None else number(count, estimated) for count in counts),
    ]
