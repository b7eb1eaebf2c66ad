"""The base of all screens, which show a turn while it runs."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from time import monotonic

from convo_cli.ask.screens.agent_output import AgentOutput, Take
from convo_cli.render.live import (
    handed_off,
    noticed,
    printed,
    thought,
    tool_called,
    tool_failed,
    tool_returned,
)
from convo_cli.render.terminal.look import Look
from convo_cli.terminal import Terminal
from convo_cli.turn.events import (
    Event,
    HandedOff,
    Noticed,
    ReasoningDelta,
    TextDelta,
    ToolCalled,
    ToolFailed,
    ToolReturned,
)

Say = Callable[[str], None]
"""Writes a line that is not part of the answer, for screens whose stdout is only the answer."""


class TurnScreen(ABC):
    """Turns events into pieces of the answer, and into lines about thoughts and tools.

    These lines go to `say` if they do not belong on stdout. Other output is shown between `begin`
    and `end`.
    """

    def __init__(
        self, terminal: Terminal, say: Say | None = None, agent_output: AgentOutput | None = None
    ) -> None:
        self._terminal = terminal
        self._say = say
        self._agent_output = agent_output
        self._look = terminal.look
        self._thinking = ""
        self._running: list[tuple[str, float]] = []

    def begin(self) -> None:
        """Start to show the turn, at first or again after `end`."""
        # Calls that waited for the user's answer begin to run now.
        self._running = [(name, monotonic()) for name, _ in self._running]
        if self._agent_output is not None:
            self._agent_output.show_by(self._show_printed)

    def take(self, event: Event) -> None:
        """Show an event of the running turn. Raises OutputError if it cannot be written."""
        match event:
            case TextDelta(text) if text:
                self._running.clear()
                self._finish_thinking()
                self._add(text)
            case ReasoningDelta(text) if text:
                self._think(text)
            case ToolCalled(name, arguments):
                self._running.append((name, monotonic()))
                self._call(name, arguments)
            case ToolReturned(name, output):
                self._ended(name)
                self._tell(tool_returned(name, output, self._aside_look))
            case ToolFailed(name, error):
                self._ended(name)
                self._tell(tool_failed(name, error, self._aside_look))
            case HandedOff(name):
                self._tell(handed_off(name, self._aside_look))
            case Noticed(text):
                self._tell(noticed(text))

    def end(self) -> None:
        """Finish the output, so that others can write."""
        try:
            self._finish_thinking()
            self._finish_text()
        finally:
            if self._agent_output is not None:
                self._agent_output.show_rest()

    def pause(self, tool: str, arguments: str) -> None:
        """As `end`, before a question that shows this call: it is not shown again."""
        self.end()

    @property
    def _aside_look(self) -> Look:
        """The look of lines that are not part of the answer."""
        colour = self._look.colour if self._say is None else self._terminal.stderr_colour
        return self._look._replace(colour=colour)

    def close(self) -> None:
        """Finish the output for good."""
        self.end()

    def _show_printed(self, take: Take) -> None:
        look = self._aside_look
        self._write_printed([printed(line, look) for line in take()])

    def _write_printed(self, lines: list[str]) -> None:
        """Write lines between two pieces of the answer, without a break in it."""
        for line in lines:
            self._write_aside(line)

    def _tell(self, line: str) -> None:
        if self._agent_output is not None:
            self._agent_output.show_until_now()
        self._finish_thinking()
        self._finish_text()
        self._write_aside(line)

    def _call(self, name: str, arguments: str) -> None:
        """Show that a tool is called."""
        self._tell(tool_called(name, arguments, self._aside_look))

    def _ended(self, name: str) -> None:
        """Note that a tool has ended. Of several calls of one tool, the oldest ends first."""
        running = next((one for one in self._running if one[0] == name), None)
        if running is not None:
            self._running.remove(running)

    def _think(self, text: str) -> None:
        self._thinking += text

    def _finish_thinking(self) -> None:
        if self._thinking:
            line, self._thinking = thought(self._thinking, self._aside_look), ""
            self._finish_text()
            self._write_aside(line)

    @abstractmethod
    def _add(self, text: str) -> None:
        """Show the next piece of the answer."""

    @abstractmethod
    def _finish_text(self) -> None:
        """Show all of the answer so far, and start a new line."""

    @abstractmethod
    def _write_aside(self, line: str) -> None:
        """Write a line that is not part of the answer."""
