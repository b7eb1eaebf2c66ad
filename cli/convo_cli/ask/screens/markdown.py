"""Shows a turn on the terminal while it runs."""

import asyncio
import signal
from time import monotonic

from convo_cli.ask.screens.agent_output import AgentOutput
from convo_cli.ask.screens.base import Say, TurnScreen
from convo_cli.ask.screens.region import Region
from convo_cli.ask.screens.suspension import suspend
from convo_cli.render.live import WAITING, running, thinking, tool_called
from convo_cli.render.markdown.stream import MarkdownStream
from convo_cli.render.terminal.spans import Spans, drawn, folded, wrapped
from convo_cli.terminal import OutputError, Terminal
from convo_cli.turn.events import Event

_PATIENCE = 0.5
"""Seconds of silence after which the chat says that it waits."""

_INTERVAL = 0.05
"""Seconds between two drawings; four times as long as one took, where that is more."""

_THINKING_ROWS = 3
_CALL_ROWS = 3
_TICK = 1.0
"""Seconds between two drawings while a tool runs."""


class AnswerScreen(TurnScreen):
    """The answer as Markdown while it arrives, and between it what the model thinks and does.

    On a terminal that cannot go back, each block is shown when it is complete.
    """

    def __init__(
        self, terminal: Terminal, say: Say | None = None, agent_output: AgentOutput | None = None
    ) -> None:
        super().__init__(terminal, say, agent_output)
        self._stream = MarkdownStream(self._look)
        self._region = Region(terminal)
        self._calls: list[tuple[str, str]] = []
        self._waiting = False
        self._patience: asyncio.TimerHandle | None = None
        self._drawing: asyncio.TimerHandle | None = None
        self._next_drawing = 0.0
        self._lost: OutputError | BrokenPipeError | None = None

    def begin(self) -> None:
        """Follow the size of the terminal, and say after a moment that the answer is waited for."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGWINCH, self._resized)
        loop.add_signal_handler(signal.SIGTSTP, self._suspend)
        self._resized()
        self._wait()
        super().begin()

    def take(self, event: Event) -> None:
        """Show what happens in the running turn. Raises OutputError where that is not possible."""
        if self._lost is not None:
            raise self._lost
        self._stop_waiting()
        super().take(event)

    def end(self) -> None:
        """Finish what is shown, so that others can write. `begin` goes on from there."""
        loop = asyncio.get_running_loop()
        loop.remove_signal_handler(signal.SIGWINCH)
        loop.remove_signal_handler(signal.SIGTSTP)
        self._stop_waiting()
        if self._drawing is not None:
            self._drawing.cancel()
            self._drawing = None
        try:
            self._write_calls()
            super().end()
        finally:
            self._region.close()

    def pause(self, tool: str, arguments: str) -> None:
        """As `end`, to ask about a call, which the question shows: here it is not shown again."""
        calls, self._calls = self._calls, []
        if (tool, arguments) in calls:
            calls.remove((tool, arguments))
        self.end()
        self._calls = calls

    def _call(self, name: str, arguments: str) -> None:
        # Not for good, until something comes of it: a person may have to be asked first.
        if not self._terminal.can_redraw:
            super()._call(name, arguments)
            return
        if self._agent_output is not None:
            self._agent_output.show_until_now()
        self._finish_thinking()
        self._finish_text()
        self._calls.append((name, arguments))
        self._draw_soon()
        self._wait()

    def _add(self, text: str) -> None:
        self._write_calls()
        self._stream.feed(text)
        self._draw_soon()

    def _think(self, text: str) -> None:
        self._write_calls()
        if self._stream.begun:
            self._finish_text()
        super()._think(text)
        self._draw_soon()

    def _tell(self, line: str) -> None:
        self._write_calls()
        super()._tell(line)
        self._wait()

    def _write_calls(self) -> None:
        """Write the calls for good that are shown so far."""
        calls, self._calls = self._calls, []
        for name, arguments in calls:
            self._write_aside(tool_called(name, arguments, self._aside_look))

    def _write_aside(self, line: str) -> None:
        if self._say is None:
            self._region.update([line])
        else:
            self._region.update(())
            self._say(line)

    def _write_printed(self, lines: list[str]) -> None:
        self._write_calls()
        # Above the block that is still open, which stays whole.
        settled = self._as_text(self._stream.settled())
        if self._say is None:
            self._region.update([*settled, *lines], self._rows())
        else:
            self._region.update(settled)
            for line in lines:
                self._say(line)
            self._region.update((), self._rows())

    def _finish_text(self) -> None:
        self._region.update(self._as_text(self._stream.end()))

    def _draw_soon(self) -> None:
        if not self._terminal.can_redraw:
            self._draw()
        elif self._drawing is None:
            delay = max(self._next_drawing - monotonic(), 0)
            self._drawing = asyncio.get_running_loop().call_later(delay, self._draw)

    def _draw(self) -> None:
        self._drawing = None
        started = monotonic()
        try:
            lines = self._as_text(self._stream.settled())
            self._region.update(lines, self._rows())
        except (OutputError, BrokenPipeError) as error:
            # Raised where the turn runs, when it comes here next.
            self._lost = error
        finished = monotonic()
        self._next_drawing = finished + max(_INTERVAL, 4 * (finished - started))

    def _rows(self) -> list[str]:
        """What is below the final lines: the open block, or what is thought or waited for."""
        if not self._terminal.can_redraw:
            return []
        if self._waiting or self._calls:
            shown = [] if self._say and self._terminal.quiet else self._calls[-_CALL_ROWS:]
            return [*(tool_called(*call, self._look) for call in shown), *self._waiting_row()]
        width = self._look.width
        if self._thinking:
            rows = wrapped(thinking(self._thinking), width)[-_THINKING_ROWS:]
        else:
            rows = self._stream.open()
        cut = [part for row in rows for part in folded(row, width)]
        return self._as_text(cut[-max(self._terminal.window_height - 1, 1) :])

    def _waiting_row(self) -> list[str]:
        if not self._waiting:
            return []
        seconds = [(name, int(monotonic() - since)) for name, since in self._running]
        return [self._look.dimmed(running(seconds) if seconds else WAITING)]

    def _as_text(self, lines: list[Spans]) -> list[str]:
        return [drawn(line, colour=self._look.colour) for line in lines]

    def _resized(self) -> None:
        self._look = self._stream.look = self._terminal.look
        self._region.resized()
        self._draw_soon()

    def _suspend(self) -> None:
        self._region.close()
        suspend(self._terminal.stdin_descriptor if self._terminal.stdin_is_terminal else None)
        self._resized()

    def _wait(self) -> None:
        self._stop_waiting()
        self._patience = asyncio.get_running_loop().call_later(_PATIENCE, self._show_waiting)

    def _show_waiting(self) -> None:
        self._waiting = not self._terminal.quiet
        self._draw()
        if self._running and self._waiting:
            self._patience = asyncio.get_running_loop().call_later(_TICK, self._show_waiting)

    def _stop_waiting(self) -> None:
        self._waiting = False
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
