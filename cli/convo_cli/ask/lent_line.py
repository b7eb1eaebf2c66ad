"""Lets an agent's code read lines from the terminal: `input()` in a tool asks the user.

This replaces stdin while an agent is loaded and while it runs; otherwise a tool and the chat would
read stdin at the same time. It is empty between turns, and when nobody can be asked.
"""

import asyncio
import getpass
import io
import os
import select
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Protocol

from convo_cli.ask.screens.agent_output import AgentOutput
from convo_cli.ask.terminal_modes import whole_lines
from convo_cli.render.terminal.text import safe
from convo_cli.terminal import Terminal

_PATIENCE = 0.1
"""Seconds between two checks whether the turn has ended, while another tool has the line."""


class Screen(Protocol):
    """Shows the answer, and makes room for a question."""

    def end(self) -> None:
        """Finish the output, so that others can write."""

    def pause(self, tool: str, arguments: str) -> None:
        """As `end`, before a question that shows this call."""

    def begin(self) -> None:
        """Resume after `end` or `pause`."""


class _Turn:
    """A turn that lends the line: its screen, and the question that is asked there."""

    def __init__(self, screen: Screen, write: Callable[[str], None], put_aside: Callable[[], None]):
        self.screen, self.write, self.put_aside = screen, write, put_aside
        self.loop, self.thread = asyncio.get_running_loop(), threading.get_ident()
        self.ended, self.end_now = os.pipe()
        self.is_over = False
        self.question = ""

    def end(self) -> None:
        """Wake the code that is waiting for a line."""
        self.is_over = True
        os.write(self.end_now, b"\n")

    def __del__(self) -> None:
        # Only now does nothing read from it: a tool in a thread may have outlived the turn.
        os.close(self.ended)
        os.close(self.end_now)


class _Lines(io.RawIOBase):
    """The lines as bytes, for code that reads `sys.stdin.buffer`."""

    def __init__(self, readline: Callable[[], str]) -> None:
        self._readline, self._left = readline, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        line = self._left or self._readline().encode()
        size = min(len(line), len(buffer))
        buffer[:size], self._left = line[:size], line[size:]
        return size


class LentLine(io.TextIOBase):
    """The stdin of an agent's code."""

    encoding = "utf-8"

    def __init__(self, terminal: Terminal, agent_output: AgentOutput) -> None:
        self._terminal, self._agent_output = terminal, agent_output
        self._is_askable = terminal.stdin_is_terminal and terminal.stderr_is_terminal
        self._turn: _Turn | None = None
        self._one_at_a_time = threading.Lock()
        self._hidden_before: Any = None
        self._stdin_before: Any = None

    def begin(self) -> None:
        """Replace stdin. Called before the agent's code is loaded."""
        if self._hidden_before is None:
            self._stdin_before, self._hidden_before = sys.stdin, getpass.getpass
            sys.stdin, getpass.getpass = self, self._hidden

    def finish(self) -> None:
        """Restore stdin."""
        if self._hidden_before is not None:
            sys.stdin, getpass.getpass = self._stdin_before, self._hidden_before
            self._hidden_before = None

    @contextmanager
    def lent(
        self, screen: Screen, write: Callable[[str], None], put_aside: Callable[[], None]
    ) -> Iterator[None]:
        """Lend the line during a turn; code that still waits at its end reads an empty line.

        `put_aside` is called before a question, to save keys that were typed earlier.
        """
        turn = self._turn = _Turn(screen, write, put_aside) if self._is_askable else None
        try:
            yield
        finally:
            self._turn = None
            if turn is not None:
                turn.end()

    def readable(self) -> bool:
        """Always True, though there may be nothing to read."""
        return True

    def isatty(self) -> bool:
        """Whether a person can be asked."""
        return self._is_askable

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        """A line that the user types; "" if nobody can be asked. The size is ignored."""
        return self._asked("", hidden=False)

    def read(self, size: int | None = -1, /) -> str:
        """Everything that the user types until Ctrl-D."""
        return "".join(iter(self.readline, ""))

    @property
    def buffer(self) -> io.BufferedReader:
        """The same in bytes."""
        return io.BufferedReader(_Lines(self.readline))

    def _hidden(self, prompt: str = "Password: ", stream: Any = None) -> str:
        line = self._asked(prompt, hidden=True)
        if not line:
            raise EOFError
        return line.rstrip("\n")

    def _asked(self, question: str, *, hidden: bool) -> str:
        turn = self._turn
        if turn is None:
            return ""
        if threading.get_ident() == turn.thread:
            # An asynchronous tool blocks the event loop: Ctrl-C ends it.
            self._make_room(turn)
            try:
                return self._typed(turn, question, hidden=hidden)
            finally:
                turn.screen.begin()
        while not self._one_at_a_time.acquire(timeout=_PATIENCE):
            if turn.is_over:
                return ""
        try:
            if turn.is_over or not _done_in(turn, lambda: self._make_room(turn)):
                return ""
            line = self._typed(turn, question, hidden=hidden)
            return line if _done_in(turn, turn.screen.begin) else ""
        finally:
            self._one_at_a_time.release()

    def _make_room(self, turn: _Turn) -> None:
        # Output without a newline is the prompt of `input`.
        turn.question = self._agent_output.take_open()
        turn.screen.end()
        turn.put_aside()

    def _typed(self, turn: _Turn, question: str, *, hidden: bool) -> str:
        descriptor, read = self._terminal.stdin_descriptor, b""
        try:
            with whole_lines(descriptor, hidden=hidden):
                # The prompt is written only now, because the echoed answer ends its line.
                turn.write(safe(turn.question + question))
                while not read.endswith(b"\n"):
                    ready, _, _ = select.select([descriptor, turn.ended], [], [])
                    piece = b"" if turn.ended in ready else os.read(descriptor, 65536)
                    if not piece:
                        break
                    # Keys typed before the terminal was in line mode arrive unedited.
                    read += piece.replace(b"\r", b"\n")
        finally:
            if hidden or not read.endswith(b"\n"):
                turn.write("\n")
        return read.decode(errors="replace")


def _done_in(turn: _Turn, work: Callable[[], None]) -> bool:
    """Run `work` in the event loop; False if the turn ended first."""
    done: Future[bool] = Future()

    def do() -> None:
        try:
            if not turn.is_over:
                work()
        finally:
            done.set_result(not turn.is_over)

    turn.loop.call_soon_threadsafe(do)
    return done.result()
