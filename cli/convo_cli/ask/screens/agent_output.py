"""What an agent's code prints: kept from the terminal, and shown as lines of text.

While a chat has an agent, its code, the programs that it starts and its MCP servers write into a
pipe, whatever way they take. A thread reads it at all times, so that no writer waits for the chat.
"""

import asyncio
import atexit
import contextlib
import faulthandler
import os
import select
import sys
from collections.abc import Callable, Iterator
from threading import Lock, Thread
from typing import TypeAlias

from convo_cli.ask.screens.printed_lines import PrintedLines
from convo_cli.lending import Lent
from convo_cli.render.live import printed
from convo_cli.terminal import OutputError, Terminal

Take: TypeAlias = Callable[[], list[str]]
"""Gives the lines that can be shown now, each once."""

Show: TypeAlias = Callable[[Take], None]
"""Shows what it takes, now or soon, in the thread of the event loop."""

_PATIENCE_MS = 300
"""How long a line may be unfinished before it is shown."""

_CHUNK, _CHUNKS = 65536, 16
"""Bytes that are read at once, and how many times in a row."""

_LOOK_AGAIN, _END = b"l", b"e"
"""What wakes the thread while it waits."""

_FAREWELL = 1.0
"""Seconds that the thread may take to end."""


class AgentOutput:
    """Catches what an agent's code prints, from `begin` to the end of the program."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._lines = PrintedLines()
        self._lock = Lock()
        self._lent: list[Lent] = []
        self._show: Show | None = None
        self._coming = False

    def begin(self) -> None:
        """Catch what is printed from now on. To be called where the event loop runs."""
        if self._lent:
            return
        self._loop = asyncio.get_running_loop()
        self._pid = os.getpid()
        self._source, self._target = os.pipe()
        self._told, self._tell = os.pipe()
        os.set_blocking(self._source, False)
        self._lent = self._terminal.lend(self._target)
        # A crash has no time to go through the pipe.
        self._reports_crashes = faulthandler.is_enabled()
        faulthandler.enable(self._lent[-1].ours)
        # Last of all that is registered, so that the agent's own farewells are caught too.
        atexit.register(self._end)
        self._thread = Thread(target=self._follow, name="prints", daemon=True)
        self._thread.start()

    @contextlib.contextmanager
    def shown_by(self, show: Show) -> Iterator[None]:
        """Show what was and is printed, and in the end how much was left out."""
        self.show_by(show)
        try:
            yield
        finally:
            self.show_rest()

    def show_by(self, show: Show) -> None:
        """Have what was printed, and is from now on, shown that way."""
        self._show = show
        self.show_waiting()

    def show_rest(self) -> None:
        """Show what is left, and nothing more until `show_by`."""
        show, self._show = self._show, None
        if show is not None:
            self._catch_up()
            _safely(show, self._rest)

    def show_until_now(self) -> None:
        """Show what has been printed, before what happens next is shown."""
        if self._lent and self._show is not None:
            self._catch_up()
            self.show_waiting()

    def show_waiting(self) -> None:
        """Show what has come, as far as it can be shown where the answer is now."""
        self._coming = False
        if self._show is not None and self._lines.is_waiting:
            _safely(self._show, self._take)

    def take_open(self) -> str:
        """The line that has begun and not ended, which is shown otherwise: a question."""
        if not self._lent:
            return ""
        self._catch_up()
        with self._lock:
            return self._lines.take_open()

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the terminal to a program that the user started."""
        for lent in self._lent:
            lent.take_back()
        try:
            yield
        finally:
            for lent in self._lent:
                lent.lend()

    def _take(self) -> list[str]:
        with self._lock:
            return self._lines.take()

    def _rest(self) -> list[str]:
        with self._lock:
            self._lines.end_line()
            return self._lines.rest()

    def _catch_up(self) -> None:
        for lent in self._lent:
            lent.flush()
        if self._lent:
            with self._lock:
                self._read()
            if self._lines.is_within_line:
                # The thread may not have seen what we read, and waits without an end.
                os.write(self._tell, _LOOK_AGAIN)

    def _follow(self) -> None:
        poll = select.poll()
        poll.register(self._source, select.POLLIN)
        poll.register(self._told, select.POLLIN)
        while True:
            ready = dict(poll.poll(_PATIENCE_MS if self._lines.is_within_line else None))
            if self._told in ready and os.read(self._told, 1) == _END:
                return
            with self._lock:
                if ready:
                    self._read()
                else:
                    self._lines.end_line()
            if self._lines.is_waiting and self._show is not None and not self._coming:
                self._coming = True
                # The end of the program shows what the loop did not live to.
                with contextlib.suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self.show_waiting)

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            for _ in range(_CHUNKS):
                self._lines.feed(os.read(self._source, _CHUNK))

    def _end(self) -> None:
        # A copy of this process that the agent's code made ends without us.
        if os.getpid() != self._pid:
            return
        os.write(self._tell, _END)
        self._thread.join(_FAREWELL)
        self._catch_up()
        look = self._terminal.look._replace(colour=self._terminal.stderr_colour)
        for line in self._rest():
            self._terminal.aside(printed(line, look))
        if self._reports_crashes and sys.stderr is not None:
            faulthandler.enable()
        else:
            faulthandler.disable()
        self._terminal.take_back(self._lent)
        for descriptor in (self._source, self._target, self._told, self._tell):
            os.close(descriptor)


def _safely(show: Show, take: Take) -> None:
    # If the terminal is gone, writing the answer fails, and says so.
    with contextlib.suppress(OutputError, OSError):
        show(take)
