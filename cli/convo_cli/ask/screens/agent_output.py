"""The output of an agent's code: kept off the terminal, and shown as lines of text.

While a chat has an agent, its code, the programs that it starts and its MCP servers write into a
pipe, however they write. A thread reads the pipe all the time, so that no writer waits for the
chat.
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
"""Returns the lines that can be shown now, each once."""

Show: TypeAlias = Callable[[Take], None]
"""Shows the lines that it takes, now or soon, in the thread of the event loop."""

_PATIENCE_MS = 300
"""Seconds before an unfinished line is shown."""

_CHUNK, _CHUNKS = 65536, 16
"""The size of one read in bytes, and the number of reads in a row."""

_LOOK_AGAIN, _END = b"l", b"e"
"""The byte that wakes the thread."""

_FAREWELL = 1.0
"""Seconds that the thread may take to end."""


class AgentOutput:
    """Captures the output of an agent's code, from `begin` to the end of the program."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._lines = PrintedLines()
        self._lock = Lock()
        self._lent: list[Lent] = []
        self._show: Show | None = None
        self._coming = False

    def begin(self) -> None:
        """Start to capture output. Call this in the thread of the event loop."""
        if self._lent:
            return
        self._loop = asyncio.get_running_loop()
        self._pid = os.getpid()
        self._source, self._target = os.pipe()
        self._told, self._tell = os.pipe()
        os.set_blocking(self._source, False)
        self._lent = self._terminal.lend(self._target)
        # The traceback of a crash cannot go through the pipe.
        self._reports_crashes = faulthandler.is_enabled()
        faulthandler.enable(self._lent[-1].ours)
        # Registered before the agent's own exit handlers, so it runs after them and captures them.
        atexit.register(self._end)
        self._thread = Thread(target=self._follow, name="prints", daemon=True)
        self._thread.start()

    @contextlib.contextmanager
    def shown_by(self, show: Show) -> Iterator[None]:
        """Show the output within the block, and at its end how much was left out."""
        self.show_by(show)
        try:
            yield
        finally:
            self.show_rest()

    def show_by(self, show: Show) -> None:
        """Show past and future output with `show`."""
        self._show = show
        self.show_waiting()

    def show_rest(self) -> None:
        """Show the rest of the output, and nothing more until `show_by`."""
        show, self._show = self._show, None
        if show is not None:
            self._catch_up()
            _safely(show, self._rest)

    def show_until_now(self) -> None:
        """Show everything printed so far, before the next event is shown."""
        if self._lent and self._show is not None:
            self._catch_up()
            self.show_waiting()

    def show_waiting(self) -> None:
        """Show the waiting output, as far as the state of the answer allows it."""
        self._coming = False
        if self._show is not None and self._lines.is_waiting:
            _safely(self._show, self._take)

    def take_open(self) -> str:
        """Take the unfinished line, which is the prompt of a question."""
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
                # The thread may have missed what was read here, and would wait forever.
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
                # The loop is closed; the exit handler shows the rest.
                with contextlib.suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self.show_waiting)

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            for _ in range(_CHUNKS):
                self._lines.feed(os.read(self._source, _CHUNK))

    def _end(self) -> None:
        # In a process forked by the agent's code there is nothing to finish.
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
    # If the terminal is gone, writing the answer reports that.
    with contextlib.suppress(OutputError, OSError):
        show(take)
