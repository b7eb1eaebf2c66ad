"""Writes what a bisection has found."""

from convo_cli.invocation import Invocation
from convo_cli.output.report import write_rows
from convo_cli.render.bisect import (
    CHECKED_KEYS,
    Searched,
    bisected_lines,
    bisected_row,
    checked_rows,
    contradiction,
)
from convo_cli.render.data.formats import json_line, json_object
from convo_cli.settings import Format


def write_bisected(invocation: Invocation, searched: Searched) -> None:
    """Write the result with the turns that were checked, and warn if they contradict each other."""
    terminal = invocation.terminal
    match invocation.settings.format:
        case Format.TABLE:
            terminal.write_pieces(bisected_lines(searched, terminal.look))
        case Format.JSON:
            terminal.write_utf8_pieces(json_object(bisected_row(searched)))
        case Format.JSONL:
            terminal.write_utf8_pieces(json_line(bisected_row(searched)))
        case _:
            write_rows(invocation, CHECKED_KEYS, checked_rows(searched))
    warning = contradiction(searched)
    if warning is not None:
        terminal.notice(warning)
