"""Shows how far a trial is: a table on stderr of a terminal, else a line for every answer."""

import time
from collections.abc import Callable, Sequence
from typing import Self

from convo.trials.asking import Outcome
from convo.trials.jobs import Report, State
from convo_cli.ask.screens.region import Region
from convo_cli.render.terminal.tables import draw
from convo_cli.render.terminal.text import one_line
from convo_cli.render.trials import Line, lines, told
from convo_cli.terminal import Terminal
from convo_cli.trials.drawn import Drawn

_INTERVAL = 0.25
"""Seconds between two drawings."""

_SAID: dict[State, str] = {
    "started": "running",
    "answered": "running",
    "waiting": "rate limit",
    "ended": "done",
    "failed": "failed",
    "stopped": "stopped",
}
_RUNNING = {"running", "rate limit"}


class _Stderr:
    """stderr as a screen for a region."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    @property
    def can_redraw(self) -> bool:
        """Whether lines can be taken back there."""
        return self._terminal.can_show_status

    def write(self, text: str) -> None:
        """Write text, and flush it."""
        self._terminal.prompt(text)

    def flush(self) -> None:
        """Do nothing: everything is flushed."""


class Progress(Drawn):
    """The lines of a trial, one for each job; call it with every report.

    On a terminal, the table is drawn within the `async with` block and taken away at its end.
    """

    def __init__(
        self,
        terminal: Terminal,
        jobs: Sequence[Line],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(Region(_Stderr(terminal)), _INTERVAL)
        self._terminal = terminal
        self._clock = clock
        self.lines = list(jobs)
        self._begun: dict[int, float] = {}
        self._draws = terminal.can_show_status and not terminal.quiet

    async def __aenter__(self) -> Self:
        if self._draws:
            self._begin_drawing()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end_drawing()
        if self._draws:
            self._region.close()

    def __call__(self, report: Report) -> None:
        """Note what has happened."""
        number, before = report.job, self.lines[report.job]
        if report.state == "started":
            self._begun[number] = self._clock()
        outcome = report.outcome if report.state == "answered" else None
        self.lines[number] = _after(before, report, outcome)
        if not self._draws and (line := self._worth_telling(report, number)) is not None:
            self._terminal.notice(line)

    def close(self) -> None:
        """Take the table away for good."""
        self.pause()

    def say(self, text: str) -> None:
        """Write a notice, above the table."""
        if self._terminal.quiet:
            return
        self.write([one_line(text)])

    def write(self, text: Sequence[str]) -> None:
        """Write lines above the table."""
        if self._draws and not self._paused:
            self._region.update(text, self._rows())
        else:
            for line in text:
                self._terminal.aside(line)

    def _worth_telling(self, report: Report, number: int) -> str | None:
        if report.state in {"answered", "failed", "waiting"}:
            return told(self._with_seconds(number)._replace(state=_told_state(report.state)))
        return None

    def _draw(self) -> None:
        self._region.update((), self._rows())

    def _rows(self) -> list[str]:
        shown = [self._with_seconds(number) for number in range(len(self.lines))]
        room = max(self._terminal.window_height - 4, 1)
        if len(shown) > room:
            # Those that change come first, then those that have not begun.
            shown.sort(key=lambda line: (line.state not in _RUNNING, line.state != "failed"))
            shown = shown[:room]
        width = self._terminal.stderr_width
        look = self._terminal.look._replace(
            width=width - 1, colour=self._terminal.stderr_colour, is_bounded=True
        )
        without = [line._replace(branch=None) for line in shown]
        drawn = draw(lines(without).grid(), look).splitlines()
        return drawn[: max(self._terminal.window_height - 1, 1)]

    def _with_seconds(self, number: int) -> Line:
        line = self.lines[number]
        if line.state in _RUNNING and number in self._begun:
            return line._replace(seconds=self._clock() - self._begun[number])
        return line


def _after(before: Line, report: Report, outcome: Outcome | None) -> Line:
    line = before._replace(done=report.done, state=_SAID[report.state])
    if report.error is not None:
        line = line._replace(error=report.error)
    if outcome is None:
        return line
    cost = outcome.cost if line.cost is None else line.cost + (outcome.cost or 0)
    return line._replace(
        tokens=line.tokens + outcome.tokens, cost=cost, seconds=line.seconds + outcome.seconds
    )


def _told_state(state: State) -> str:
    return {"failed": "failed", "waiting": "waits"}.get(state, "running")
