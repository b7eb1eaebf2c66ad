"""Shows on stderr how far a bisection is."""

import asyncio
from collections.abc import Sequence

from convo.trials.jobs import Report
from convo.trials.searching import Checked
from convo_cli.render.bisect import told
from convo_cli.terminal import Terminal


class Checking:
    """A line on a terminal; into a pipe, a line for each turn that was asked again."""

    def __init__(self, terminal: Terminal, most: int, *, reruns: bool) -> None:
        self._terminal = terminal
        self._most = most
        self._reruns = reruns
        self.count = 0
        self._last = ""
        self._shown = ""
        self._pauses = 0
        self.alone = asyncio.Lock()

    def report(self, report: Report) -> None:
        """Note what has happened to a rerun."""
        if report.state == "started":
            self._show(f"asking again on {report.name}")
        elif report.state == "waiting":
            self._show(f"the server limits the rate of requests: waiting {report.wait:.0f} s")

    def checked(self, checked: Checked) -> None:
        """Note that a turn was checked."""
        self.count += 1
        self._last = told(checked)
        if self._reruns and not self._terminal.can_show_status:
            self._terminal.notice(self._last)
        self._show("")

    def _show(self, now: str) -> None:
        count = f"{self.count:,} of at most {self._most:,} turns checked"
        self._shown = "; ".join(filter(None, [count, self._last, now]))
        if not self._pauses:
            self._terminal.status(self._shown)

    def pause(self) -> None:
        """Take the line away, while somebody is asked a question."""
        self._pauses += 1
        self._terminal.status("")

    def resume(self) -> None:
        """Show the line again."""
        self._pauses -= 1
        if not self._pauses:
            self._terminal.status(self._shown)

    def say(self, text: str) -> None:
        """Write a notice."""
        self._terminal.status("")
        self._terminal.notice(text)

    def write(self, text: Sequence[str]) -> None:
        """Write lines that are safe."""
        self._terminal.status("")
        for line in text:
            self._terminal.aside(line)

    def close(self) -> None:
        """Take the line away."""
        self._terminal.status("")
