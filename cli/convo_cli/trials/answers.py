"""Shows the answers of several models to one question: side by side, or one below the other."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Protocol, Self

from convo_cli.ask.screens.agent_output import AgentOutput
from convo_cli.ask.screens.stdout import Answer
from convo_cli.render.terminal.text import one_line
from convo_cli.terminal import Terminal
from convo_cli.trials.columns import SideBySide
from convo_cli.turn.events import Event

NARROWEST = 36
"""The narrowest column in cells: with less room the answers are shown one below the other."""


class Answers(Protocol):
    """Answers as they arrive, by the numbers of those who give them."""

    alone: asyncio.Lock

    async def __aenter__(self) -> Self:
        """Begin to show them."""

    async def __aexit__(self, *_: object) -> None:
        """Show the rest of what has arrived."""

    def take(self, number: int, event: Event) -> None:
        """Show what happens in an answer."""

    def end(self, number: int, error: str | None) -> None:
        """Note that an answer is complete, or has failed."""

    def pause(self) -> None:
        """Take away what is drawn, while somebody is asked a question."""

    def resume(self) -> None:
        """Draw it again."""

    def say(self, text: str) -> None:
        """Write a notice."""

    def write(self, text: Sequence[str]) -> None:
        """Write lines that are safe."""


def answers_on(terminal: Terminal, names: Sequence[str], *, raw: bool, hidden: bool) -> Answers:
    """How answers are shown on this terminal; hidden ones are written once all are complete."""
    bars = 3 * (len(names) - 1)
    is_wide = terminal.width - bars >= NARROWEST * len(names)
    if not hidden and terminal.can_redraw and is_wide and len(names) > 1:
        return SideBySide(terminal, names)
    return OneBelowTheOther(terminal, names, raw=raw, hidden=hidden)


class OneBelowTheOther:
    """One answer after the other, in their order, each as it arrives."""

    def __init__(
        self, terminal: Terminal, names: Sequence[str], *, raw: bool, hidden: bool
    ) -> None:
        self.alone = asyncio.Lock()
        self._terminal = terminal
        self._names = names
        self._raw, self._hidden = raw, hidden
        self._waiting: list[deque[Event]] = [deque() for _ in names]
        self._ended: dict[int, str | None] = {}
        self._now = 0
        self._screen: Answer | None = None

    async def __aenter__(self) -> Self:
        self._begin()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._screen is not None:
            self._screen.close()
            self._screen.raise_if_lost()

    def take(self, number: int, event: Event) -> None:
        """Show what happens in the first answer that is not complete; keep the rest."""
        if number == self._now and self._screen is not None:
            self._screen.take(event)
        else:
            self._waiting[number].append(event)

    def end(self, number: int, error: str | None) -> None:
        """Note that an answer is complete, and go on with those after it."""
        self._ended[number] = error
        while self._now in self._ended:
            self._finish(self._ended[self._now])
            self._now += 1
            self._begin()

    def pause(self) -> None:
        """Finish the line, while somebody is asked a question."""
        if self._screen is not None:
            self._screen.end()

    def resume(self) -> None:
        """Go on with the answer."""
        if self._screen is not None:
            self._screen.begin()

    def say(self, text: str) -> None:
        """Write a notice."""
        self._terminal.notice(text)

    def write(self, text: Sequence[str]) -> None:
        """Write lines that are safe."""
        for line in text:
            self._terminal.aside(line)

    def _begin(self) -> None:
        if self._now >= len(self._names):
            self._screen = None
            return
        if not self._hidden:
            self._write_title(self._names[self._now])
        output = AgentOutput(self._terminal)
        self._screen = Answer(self._terminal, output, raw=self._raw, hidden=self._hidden)
        self._screen.begin()
        while self._waiting[self._now]:
            self._screen.take(self._waiting[self._now].popleft())

    def _finish(self, error: str | None) -> None:
        assert self._screen is not None
        self._screen.close()
        self._screen.raise_if_lost()
        if error is not None:
            self._terminal.error(f"{self._names[self._now]}: {error}")

    def _write_title(self, name: str) -> None:
        terminal = self._terminal
        above = "\n" if self._now else ""
        if terminal.stdout_is_terminal:
            terminal.write(f"{above}{terminal.look.bold(one_line(name))}\n\n")
        else:
            terminal.write_utf8(f"{above}## {one_line(name)}\n\n")
        terminal.flush()
