"""Screens that show an answer as the model writes it, unrendered."""

from convo_cli.ask.screens.agent_output import AgentOutput, Take
from convo_cli.ask.screens.base import Say, TurnScreen
from convo_cli.render.terminal.text import SafeStream
from convo_cli.terminal import Terminal


class RawScreen(TurnScreen):
    """Shows the answer on a terminal unrendered, without its control characters."""

    def __init__(
        self, terminal: Terminal, say: Say | None = None, agent_output: AgentOutput | None = None
    ) -> None:
        super().__init__(terminal, say, agent_output)
        self._safe = SafeStream()
        self._in_line = False

    def _add(self, text: str) -> None:
        self._write(self._safe.feed(text))

    def _finish_text(self) -> None:
        self._write(self._safe.end())
        if self._in_line:
            self._write("\n")

    def _show_printed(self, take: Take) -> None:
        # Output that arrives within a line of the answer waits for the end of that line.
        if not self._in_line:
            super()._show_printed(take)

    def _write_aside(self, line: str) -> None:
        if self._say is None:
            self._put(f"{line}\n")
        else:
            self._say(line)

    def _write(self, text: str) -> None:
        if text:
            self._put(text)
            self._in_line = not text.endswith("\n")
            if not self._in_line and self._agent_output is not None:
                self._agent_output.show_waiting()

    def _put(self, text: str) -> None:
        self._terminal.write(text)
        self._terminal.flush()


class HiddenAnswer(TurnScreen):
    """Hides the answer, which is written once it is complete, but reports what tools do."""

    def __init__(
        self, terminal: Terminal, say: Say, agent_output: AgentOutput | None = None
    ) -> None:
        super().__init__(terminal, say, agent_output)
        self._write_line = say

    def _add(self, text: str) -> None:
        pass

    def _finish_text(self) -> None:
        pass

    def _write_aside(self, line: str) -> None:
        self._write_line(line)


class PipedAnswer(HiddenAnswer):
    """Writes the answer for a program or a file: byte for byte, with a newline at its end."""

    def __init__(
        self, terminal: Terminal, say: Say, agent_output: AgentOutput | None = None
    ) -> None:
        super().__init__(terminal, say, agent_output)
        self._last = ""

    def close(self) -> None:
        """Finish the last line."""
        super().close()
        if self._last and not self._last.endswith("\n"):
            self._add("\n")

    def _add(self, text: str) -> None:
        self._last = text
        self._terminal.write_utf8(text)
        self._terminal.flush()
