"""The installed chat in a real pseudo-terminal, read back from the screen of an emulator."""

from __future__ import annotations

import re
import signal
import termios
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import pexpect

from tests.cli.chat.emulator import Emulator
from tests.program import EXECUTABLE, PATIENCE, Program

ENTER, ALT_ENTER, TAB, BACKSPACE = "\r", "\x1b\r", "\t", "\x7f"
CTRL_C, CTRL_D = "\x03", "\x04"

_WAITING = re.compile(r" \(\d+ waits?\)>$")


class ChatAtTerminal:
    """`convo chat` as somebody sits before it."""

    def __init__(
        self,
        convo: Program,
        *args: str,
        env: Mapping[str, str | None] | None = None,
        columns: int = 80,
        lines: int = 24,
        status: bool = False,
    ) -> None:
        """Begin. Without its `status` line, the last line that is shown is the prompt."""
        self.raw = b""
        self.child: pexpect.spawn[bytes] = pexpect.spawn(
            str(EXECUTABLE),
            ["chat", *args],
            cwd=str(convo.home),
            env=convo.environ(
                {
                    "TERM": "xterm-256color",
                    "CONVO_STATUS": "true" if status else "false",
                    **(env or {}),
                }
            ),
            dimensions=(lines, columns),
            timeout=PATIENCE,
        )
        self.child.delaybeforesend = None
        self.modes = termios.tcgetattr(self.child.child_fd)
        self.screen = Emulator(columns, lines, answer=self.child.send)
        self._prompts = 0

    @property
    def lines(self) -> list[str]:
        """What the terminal shows and has shown, without empty lines at the end."""
        return self.screen.text.split("\n") if self.screen.text else []

    @property
    def text(self) -> str:
        return self.screen.text

    def resize(self, columns: int, lines: int) -> None:
        """Make the window larger or smaller, as its owner would."""
        self.screen.resize(lines, columns)
        self.child.setwinsize(lines, columns)

    def see(self, pattern: str) -> re.Match[str]:
        """Wait until something on the terminal matches."""
        deadline = time.monotonic() + PATIENCE
        while (found := re.search(pattern, self.text, re.MULTILINE)) is None:
            self._read(deadline, pattern)
        return found

    def ready(self, prompt: str) -> list[str]:
        """Wait for a prompt that nothing was typed at; return the lines since the last one."""
        deadline = time.monotonic() + PATIENCE
        while not self._at_prompt(prompt):
            self._read(deadline, f"the prompt {prompt!r}")
        lines = self.lines
        since, self._prompts = lines[self._prompts : -1], len(lines)
        return since

    def type(self, keys: str) -> None:
        self.child.send(keys)

    def say(self, line: str, prompt: str) -> list[str]:
        """Send a line; return what is shown until the next prompt."""
        self.type(line + ENTER)
        return [shown for shown in self.ready(prompt) if shown]

    def end(self) -> int:
        """Wait for the end of the program; return its exit code."""
        deadline = time.monotonic() + PATIENCE
        try:
            while True:
                self._read(deadline, "the end")
        except pexpect.EOF:
            self.child.wait()
        assert self.child.exitstatus is not None, self.child.signalstatus
        return self.child.exitstatus

    def leave(self) -> int:
        self.type(CTRL_D)
        return self.end()

    def close_window(self) -> int:
        """Close the terminal, as its window is closed; return the exit code of the program."""
        self.child.ptyproc.fileobj.close()
        self.child.wait()
        assert self.child.exitstatus is not None, self.child.signalstatus
        return self.child.exitstatus

    def modes_now(self) -> list[Any]:
        """The modes of the terminal: whether it echoes, whether it waits for whole lines."""
        return termios.tcgetattr(self.child.child_fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.child.isalive():
            self.child.kill(signal.SIGKILL)
            self.child.wait()
        self.child.close()

    def _at_prompt(self, prompt: str) -> bool:
        lines = self.lines
        # Trailing spaces are not kept, so the cursor tells whether the line is empty.
        # How many prompts wait is a test of its own.
        shown = _WAITING.sub(">", lines[-1]) if lines else ""
        return len(lines) > self._prompts and prompt.rstrip() in (shown, lines[-1])

    def _read(self, deadline: float, what: str) -> None:
        left = deadline - time.monotonic()
        assert left > 0, f"waited for {what}; the terminal shows:\n{self.text}"
        try:
            data = self.child.read_nonblocking(65536, timeout=min(left, 1.0))
        except pexpect.TIMEOUT:
            return
        self.raw += data
        self.screen.feed(data)
