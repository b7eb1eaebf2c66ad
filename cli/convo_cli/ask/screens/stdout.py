"""Writes the answer of a command to stdout: as Markdown on a terminal, else byte for byte."""

from collections.abc import Iterator
from contextlib import contextmanager

from convo_cli.ask.screens.agent_output import AgentOutput
from convo_cli.ask.screens.base import TurnScreen
from convo_cli.ask.screens.markdown import AnswerScreen
from convo_cli.ask.screens.plain import HiddenAnswer, PipedAnswer, RawScreen
from convo_cli.terminal import OutputError, Terminal
from convo_cli.turn.events import Event


class Answer:
    """Shows an answer on stdout as it arrives: on a terminal as Markdown, else byte for byte.

    What tools do is reported on stderr. If writing to stdout fails, the rest is not written, but
    the turn goes on and is stored: it is paid for.
    """

    def __init__(
        self, terminal: Terminal, agent_output: AgentOutput, *, raw: bool, hidden: bool
    ) -> None:
        self._terminal = terminal
        self._screen = _screen(terminal, agent_output, raw=raw, hidden=hidden)
        self._lost: Exception | None = None

    def begin(self) -> None:
        """Start to show the turn, at first or again after `end`."""
        self._screen.begin()

    def take(self, event: Event) -> None:
        """Show an event of the running turn."""
        with self._as_long_as_possible():
            self._screen.take(event)

    def end(self) -> None:
        """Finish the output, so that others can write."""
        with self._as_long_as_possible():
            self._screen.end()

    def pause(self, tool: str, arguments: str) -> None:
        """As `end`, before a question that shows this call."""
        with self._as_long_as_possible():
            self._screen.pause(tool, arguments)

    def close(self) -> None:
        """Finish the last line."""
        with self._as_long_as_possible():
            self._screen.close()

    def raise_if_lost(self) -> None:
        """Raise the error that kept a part of the answer from being written, if any."""
        if self._lost is not None:
            raise self._lost

    @contextmanager
    def _as_long_as_possible(self) -> Iterator[None]:
        try:
            yield
        except (BrokenPipeError, OutputError) as error:
            if self._lost is None:
                self._lost = error
                self._terminal.abandon()


def _screen(
    terminal: Terminal, agent_output: AgentOutput, *, raw: bool, hidden: bool
) -> TurnScreen:
    if hidden:
        return HiddenAnswer(terminal, terminal.aside, agent_output)
    if not terminal.stdout_is_terminal:
        return PipedAnswer(terminal, terminal.aside, agent_output)
    return (RawScreen if raw else AnswerScreen)(terminal, terminal.aside, agent_output)
