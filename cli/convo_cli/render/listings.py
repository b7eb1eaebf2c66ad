"""Lists of records in every format: rows for programs, and a grid for users."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from convo.records import (
    BranchInfo,
    Kind,
    SessionInfo,
    SessionModel,
    SessionOrigin,
    ToolUse,
    TurnInfo,
)
from convo.usage_records import Tokens
from convo_cli.render.data import rows as as_rows
from convo_cli.render.data import shapes
from convo_cli.render.data.rows import Row
from convo_cli.render.terminal.grid import Column, Grid
from convo_cli.render.terminal.text import Preview, one_line

TOOL_KEYS = tuple(shapes.TOOL)
INFO_KEYS = tuple(shapes.SESSION_INFO)

_MERGED: dict[Kind, str] = {
    "picked": "copied",
    "taken": "copied",
    "summary": "summary",
    "squash": "squashed",
}
_SHOWN = 400
"""The longest text that a cell can show, in characters."""


class Listing(NamedTuple):
    """Functions that make rows, with these keys, or a grid: only one of them is called.

    `document` makes the JSON if that is more than the rows.
    """

    keys: Sequence[str]
    rows: Callable[[], list[Row]]
    grid: Callable[[], Grid]
    document: Callable[[], Row] | None = None


def turns(infos: Sequence[TurnInfo]) -> Listing:
    """The turns of a branch."""

    def grid() -> Grid:
        columns = [
            Column("turn", numeric=True),
            Column("text", weight=3),
            Column("tools", weight=1),
            Column("model", weight=1),
            Column("tokens", numeric=True),
            Column("end"),
            Column("marks", weight=1),
            Column("when"),
        ]
        lines = [
            [
                str(info.turn),
                preview(info.text),
                one_line(", ".join(info.tools)),
                one_line(info.model or ""),
                _total(info.tokens),
                "" if info.cut is None else "cut",
                one_line(marks_of(info)),
                when(info.created_at),
            ]
            for info in infos
        ]
        return Grid(columns, lines).without_empty("tools", "model", "tokens", "end", "marks")

    return Listing(as_rows.TURN_KEYS, lambda: [as_rows.turn_row(info) for info in infos], grid)


def marks_of(info: TurnInfo) -> str:
    """The marks of a turn, as a cell shows them: the star first, the note last."""
    marks, merged = info.marks, info.merged
    parts = ["*"] * marks.starred + [f"#{name}" for name in marks.tags]
    if merged is not None:
        parts.append(f"({_MERGED[merged.kind]})")
    if marks.note:
        parts.append(marks.note[:_SHOWN])
    return " ".join(parts)


def branches(infos: Sequence[BranchInfo]) -> Listing:
    """The branches of a session, the current one marked."""

    def grid() -> Grid:
        columns = [
            Column(""),
            Column("branch", weight=1, wraps=True),
            Column("parent", weight=1, wraps=True),
            Column("from turn", numeric=True),
            Column("turns", numeric=True),
            Column("tokens", numeric=True),
            Column("created"),
        ]
        lines = [
            [
                "*" if info.is_current else "",
                one_line(info.branch_id),
                one_line(info.parent_branch_id or ""),
                "" if info.forked_from_turn is None else str(info.forked_from_turn),
                number(info.user_turns),
                _total(info.tokens),
                when(info.created_at),
            ]
            for info in infos
        ]
        return Grid(columns, lines, _current([info.is_current for info in infos]))

    return Listing(as_rows.BRANCH_KEYS, lambda: [as_rows.branch_row(info) for info in infos], grid)


def sessions(infos: Sequence[SessionInfo]) -> Listing:
    """The sessions of a database, the current one marked."""

    def grid() -> Grid:
        columns = [
            Column(""),
            Column("session", weight=2, wraps=True),
            Column("branch", weight=1, wraps=True),
            Column("branches", numeric=True),
            Column("turns", numeric=True),
            Column("tokens", numeric=True),
            Column("model", weight=1),
            Column("from", weight=1),
            Column("updated"),
        ]
        lines = [
            [
                "*" if info.is_current else "",
                one_line(info.session_id),
                one_line(info.branch_id),
                number(info.branches),
                number(info.turns),
                number(as_rows.known_total(info), info.estimated),
                one_line(info.model or ""),
                one_line(info.source or ""),
                when(info.updated_at),
            ]
            for info in infos
        ]
        current = _current([info.is_current for info in infos])
        return Grid(columns, lines, current).without_empty("model", "from")

    return Listing(
        as_rows.SESSION_KEYS, lambda: [as_rows.session_row(info) for info in infos], grid
    )


def tools(uses: Sequence[ToolUse]) -> Listing:
    """The tools that the turns of a branch called."""

    def grid() -> Grid:
        columns = [
            Column("turn", numeric=True),
            Column("tool", weight=1),
            Column("calls", numeric=True),
        ]
        lines = [[str(use.turn), one_line(use.tool), number(use.calls)] for use in uses]
        return Grid(columns, lines, total=["", "total", number(sum(use.calls for use in uses))])

    return Listing(
        TOOL_KEYS, lambda: [dict(zip(TOOL_KEYS, use, strict=True)) for use in uses], grid
    )


def session_info(
    info: SessionInfo, asked: SessionModel, folder: str | None, origin: SessionOrigin | None
) -> Listing:
    """The details of a session, one a line; for programs, one object."""
    from convo_cli.config.mcp import recorded_names

    servers = recorded_names(asked.mcp) or ()

    def row() -> Row:
        more = {key: getattr(asked, key) for key in ("base_url", "api", "agent", "template")}
        more |= {"mcp": list(servers), "folder": folder}
        return {
            **as_rows.session_row(info),
            **more,
            "source_id": origin and origin.source_id,
            "started_by": origin and origin.started_by,
            "started": list(origin.started) if origin else [],
        }

    def grid() -> Grid:
        known = {
            "session": info.session_id,
            "branch": info.branch_id,
            "branches": number(info.branches),
            "turns": number(info.turns),
            "tokens": number(as_rows.known_total(info), info.estimated),
            "model": info.model,
            "from": info.source,
            "id there": origin and origin.source_id,
            "started by": origin and origin.started_by,
            "started": ", ".join(origin.started) if origin else "",
            "base URL": asked.base_url,
            "API": asked.api,
            "agent": asked.agent,
            "template": asked.template,
            "MCP servers": ", ".join(servers),
            "folder": folder,
            "created": when(info.created_at),
            "updated": when(info.updated_at),
        }
        lines = [[name, one_line(value)] for name, value in known.items() if value]
        return Grid([Column("what"), Column("is", weight=1)], lines)

    return Listing(INFO_KEYS, lambda: [row()], grid, row)


def _current(flags: list[bool]) -> int | None:
    return flags.index(True) if True in flags else None


def _total(tokens: Tokens | None) -> str:
    if tokens is None or tokens.is_unknown:
        return ""
    return number(tokens.total_tokens, tokens.estimated)


def preview(text: str) -> str:
    """The beginning of a text, for a cell. Only the part that could be shown is made safe."""
    return one_line(text) if len(text) <= _SHOWN else Preview(text[:_SHOWN], text)


def number(count: int | None, estimated: bool = False) -> str:
    """A count with thousands separators, and a ~ before it if it is an estimate."""
    if count is None:
        return ""
    return f"~{count:,}" if estimated else f"{count:,}"


def when(timestamp: str) -> str:
    """A timestamp in local time, to the minute; blank if it is unknown."""
    try:
        local = datetime.fromisoformat(timestamp).astimezone()
    except (ValueError, OverflowError):
        # A damaged row has no time, and the first and last hours of the calendar have no local one.
        return ""
    return local.isoformat(" ", "minutes")[:16]
