"""Writes a comparison of two branches."""

from convo.history.comparison import Comparison
from convo_cli.invocation import Invocation
from convo_cli.output.pager import write_paged
from convo_cli.output.report import write_rows
from convo_cli.render.data.formats import json_line, json_object
from convo_cli.render.diff import (
    DIFF_FLAT_KEYS,
    diff_flat_rows,
    diff_row,
    side_by_side,
)
from convo_cli.settings import Format


def write_diff(invocation: Invocation, found: Comparison, *, paged: bool) -> None:
    """Write a comparison: side by side, or as records for a program."""
    terminal = invocation.terminal
    match invocation.settings.format:
        case Format.TABLE:
            write_paged(invocation, lambda: side_by_side(found, terminal.look), wanted=paged)
        case Format.JSON:
            terminal.write_utf8_pieces(json_object(diff_row(found)))
        case Format.JSONL:
            terminal.write_utf8_pieces(json_line(diff_row(found)))
        case _:
            write_rows(invocation, DIFF_FLAT_KEYS, diff_flat_rows(found))
