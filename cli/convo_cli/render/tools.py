"""Calls of tools by turn, in every format, with their sum."""

from collections.abc import Sequence

from convo.records import ToolUse
from convo_cli.render.listings import Listing, number
from convo_cli.render.terminal.grid import Column, Grid
from convo_cli.render.terminal.text import one_line

TOOL_KEYS = ("turn", "tool", "calls")


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
