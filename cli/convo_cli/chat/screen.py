"""Shows a turn on the terminal while it runs."""

import asyncio

from convo_cli.agent.choice import Event, TextDelta, ToolCalled, ToolReturned
from convo_cli.render.live import LiveLook, tool_called, tool_returned
from convo_cli.render.text import SafeStream
from convo_cli.terminal import Terminal

_PATIENCE = 0.5
"""Seconds of silence after which the chat says that it waits."""

_WAITING = "waiting for the answer; Ctrl-C stops it"


class AnswerScreen:
    """The answer as it arrives, safe to show, and between it what the tools do."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._look = LiveLook(terminal.width, terminal.colour, terminal.unicode)
        self._safe = SafeStream()
        self._in_line = False
        self._says_waiting = False
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Say, once it has taken a moment, that the answer is being waited for."""
        self._timer = asyncio.get_running_loop().call_later(_PATIENCE, self._show_waiting)

    def take(self, event: Event) -> None:
        """Show what happens in the running turn."""
        match event:
            case TextDelta(text):
                self._write(self._safe.feed(text))
            case ToolCalled(name, arguments):
                self._write_line(tool_called(name, arguments, self._look))
            case ToolReturned(name, output):
                self._write_line(tool_returned(name, output, self._look))

    def end(self) -> None:
        """Finish the last line."""
        self._write(self._safe.end())
        self._stop_waiting()
        if self._in_line:
            self._write("\n")

    def _write_line(self, line: str) -> None:
        self._write(self._safe.end())
        self._write(f"\n{line}\n" if self._in_line else f"{line}\n")
        self.begin()

    def _write(self, text: str) -> None:
        if text:
            self._stop_waiting()
            self._terminal.write(text)
            self._terminal.flush()
            self._in_line = not text.endswith("\n")

    def _show_waiting(self) -> None:
        if not self._in_line:
            self._says_waiting = True
            self._terminal.write(self._look.dimmed(_WAITING))
            self._terminal.flush()

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._says_waiting:
            # With spaces, because a dumb terminal cannot erase a line.
            self._terminal.write(f"\r{' ' * len(self._look.cut(_WAITING))}\r")
            self._says_waiting = False
