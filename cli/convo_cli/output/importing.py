"""Shows how far an import is, and what it has taken and left out."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from convo.importing.choosing import Totals
from convo.importing.source import Report
from convo_cli.invocation import Invocation
from convo_cli.output.report import write_rows
from convo_cli.render import importing as render
from convo_cli.render.data.formats import json_object
from convo_cli.settings import Format
from convo_cli.terminal import Terminal

_OFTEN = 0.1
"""Seconds between two states of the line."""

_SHOWN = 20
"""The most reasons that are shown one by one."""


class ImportProgress:
    """Shows on a terminal how much of the files has been read, in a line that is removed again."""

    def __init__(
        self,
        terminal: Terminal,
        source: str,
        paths: Sequence[Path],
        report: Report,
        totals: Totals,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._terminal = terminal
        self._source = source
        self._report = report
        self._totals = totals
        self._clock = clock
        self._last = clock()
        self._size = sum(map(_size_of, paths)) if terminal.can_show_status else 0

    def __enter__(self) -> Self:
        return self

    def __call__(self) -> None:
        """Show the progress, unless it was shown a moment ago."""
        now = self._clock()
        if now - self._last >= _OFTEN:
            self._last = now
            done = min(self._report.read / self._size, 1) if self._size else 0
            unicode = self._terminal.unicode
            self._terminal.status(render.progress(self._source, self._totals, done, unicode))

    def __exit__(self, *_: object) -> None:
        self._terminal.status("")


def write_summary(
    invocation: Invocation, source: str, totals: Totals, report: Report, *, is_dry: bool
) -> None:
    """Write what was taken, and what was left out and why."""
    output_format = invocation.settings.format
    terminal = invocation.terminal
    if output_format is Format.JSON:
        terminal.write_utf8_pieces(json_object(render.summary_document(source, totals, report)))
    elif output_format is not Format.TABLE:
        row = render.summary_row(source, totals, report)
        write_rows(invocation, list(row), [row])
    else:
        for line in render.skipped_lines(report, _SHOWN):
            terminal.notice(line)
        terminal.notice(render.summary(source, totals, is_dry=is_dry))


def _size_of(path: Path) -> int:
    """The bytes of a file, or of all files in a folder."""
    try:
        if path.is_dir():
            return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        return path.stat().st_size
    except OSError:
        return 0
