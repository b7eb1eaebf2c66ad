"""The terminal: the one object that reads stdin and writes stdout and stderr.

stdout carries data and nothing else; whatever is said to a person goes to stderr. Text is written
as it is given: making it safe is the work of `render`, but for notices and errors, which are made
safe here because they often quote what a user typed.
"""

import contextlib
import io
import os
import sys
from collections.abc import Iterator, Mapping
from typing import TextIO

from convo.errors import ConvoError
from convo_cli.exits import UsageError
from convo_cli.lending import Lent
from convo_cli.piped import piped_bytes, piped_text
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.text import encodable, one_line, safe

FALLBACK_WIDTH = 80
"""Columns of a table that is not shown on a terminal, where COLUMNS does not say otherwise."""

FALLBACK_HEIGHT = 24
"""Lines of a screen that does not say how many it has."""


class OutputError(ConvoError):
    """Standard output takes no more: it is closed, or its disk is full."""


class Terminal:
    """Standard input, output and error of this process, and how to write on them."""

    def __init__(
        self,
        stdin: TextIO | None,
        stdout: TextIO | None,
        stderr: TextIO | None,
        environ: Mapping[str, str],
    ) -> None:
        self.quiet = False
        self.theme: str | None = None
        """What colours are made for: a light or a dark terminal; "none" for no colours."""
        self._stdin, self._stdout, self._stderr = stdin, stdout, stderr
        self._environ = environ
        for stream in (stdout, stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")

    @classmethod
    def of_process(cls) -> "Terminal":
        """The terminal of this process; a stream that was closed before it started is None."""
        return cls(sys.stdin, sys.stdout, sys.stderr, os.environ)

    @property
    def stdin_is_terminal(self) -> bool:
        """Whether a person can type."""
        return self._stdin is not None and self._stdin.isatty()

    @property
    def stdout_is_terminal(self) -> bool:
        """Whether a person sees the data."""
        return self._stdout is not None and self._stdout.isatty()

    @property
    def stderr_is_terminal(self) -> bool:
        """Whether a person sees what is said beside the data."""
        return self._stderr is not None and self._stderr.isatty()

    @property
    def stdin(self) -> TextIO | None:
        """Where keys come from, whatever stands in the place of stdin for other code."""
        return self._stdin

    @property
    def stdin_descriptor(self) -> int:
        """The descriptor from which keys are read, where stdin is a terminal."""
        assert self._stdin is not None
        return self._stdin.fileno()

    @property
    def colour(self) -> bool:
        """Whether tables are coloured: on a terminal, or forced, and never with NO_COLOR."""
        return self._colour_on(self.stdout_is_terminal)

    @property
    def stderr_colour(self) -> bool:
        """Whether lines beside the data may be dimmed: as for tables, on stderr."""
        return self._colour_on(self.stderr_is_terminal)

    @property
    def width(self) -> int:
        """Columns of a table: COLUMNS, else those of the terminal, else 80."""
        columns = self._environ.get("COLUMNS", "")
        if columns.isascii() and columns.isdigit() and int(columns) > 0:
            return int(columns)
        if self._stdout is not None and self.stdout_is_terminal:
            with contextlib.suppress(OSError):
                return os.get_terminal_size(self._stdout.fileno()).columns or FALLBACK_WIDTH
        return FALLBACK_WIDTH

    @property
    def height(self) -> int:
        """Lines of the screen: LINES, else those of the terminal, else 24."""
        lines = self._environ.get("LINES", "")
        if lines.isascii() and lines.isdigit() and int(lines) > 0:
            return int(lines)
        return self.window_height

    @property
    def window_height(self) -> int:
        """Lines of the terminal as it is now, whatever LINES says that it was."""
        if self._stdout is not None and self.stdout_is_terminal:
            with contextlib.suppress(OSError):
                return os.get_terminal_size(self._stdout.fileno()).lines or FALLBACK_HEIGHT
        return FALLBACK_HEIGHT

    @property
    def can_redraw(self) -> bool:
        """Whether what was written can be gone back to, as it can on all but dumb terminals."""
        return self.stdout_is_terminal and self._environ.get("TERM") not in {"dumb", "unknown"}

    @property
    def unicode(self) -> bool:
        """Whether lines can be drawn: whether stdout takes UTF-8."""
        encoding = getattr(self._stdout, "encoding", None) or "ascii"
        return encoding.lower().replace("-", "").startswith("utf")

    @property
    def look(self) -> Look:
        """What can be shown of the data, now."""
        return Look(self.width, self.colour, self.unicode)

    def write(self, text: str) -> None:
        """Write data to stdout."""
        with self._writing() as stdout:
            stdout.write(encodable(text))

    def write_now(self, text: str) -> None:
        """Write data to stdout, and have it seen at once."""
        self.write(text)
        self.flush()

    def write_name(self, name: str) -> None:
        """Write a name to stdout, on a line: as it is for a program, made safe on a terminal."""
        self.write(f"{safe(name) if self.stdout_is_terminal else name}\n")

    def write_utf8(self, text: str) -> None:
        """Write data for a program to stdout: in UTF-8, whatever the locale."""
        if isinstance(self._stdout, io.TextIOWrapper):
            self._stdout.reconfigure(encoding="utf-8")
        self.write(text)

    def flush(self) -> None:
        """Send what was written on its way, so that a full disk is noticed while we can say so."""
        if self._stdout is not None:
            with self._writing() as stdout:
                stdout.flush()

    @contextlib.contextmanager
    def reserved(self) -> Iterator[None]:
        """Keep stdout for our data: what other code of this process prints goes to stderr.

        So does what programs print that it starts.
        """
        ours = self._stdout
        if not isinstance(ours, io.TextIOWrapper) or self._stderr is None:
            yield
            return
        lent = Lent(ours, self._stderr.fileno())
        self._stdout = lent.ours
        try:
            yield
        finally:
            self._stdout = ours
            lent.close()

    def lend(self, target: int) -> list[Lent]:
        """Have what other code prints go to a descriptor, while we write on as before.

        That is what it would print to stdout, and to stderr where that is a terminal.
        """
        lent = []
        if isinstance(self._stdout, io.TextIOWrapper):
            lent.append(Lent(self._stdout, target))
            self._stdout = lent[-1].ours
        if isinstance(self._stderr, io.TextIOWrapper) and self.stderr_is_terminal:
            lent.append(Lent(self._stderr, target))
            self._stderr = lent[-1].ours
        return lent

    def take_back(self, lent: list[Lent]) -> None:
        """End what `lend` began."""
        for one in lent:
            if self._stdout is one.ours:
                self._stdout = one.stream
            if self._stderr is one.ours:
                self._stderr = one.stream
            one.close()

    @property
    def screen(self) -> TextIO | None:
        """Where the prompt is drawn: stdout, wherever its number leads at the moment."""
        return self._stdout

    def notice(self, text: str) -> None:
        """Say something to the person on stderr, unless they asked for quiet."""
        if not self.quiet:
            self._say(one_line(text))

    def aside(self, line: str) -> None:
        """Show the person a line that is safe already, on stderr, unless they asked for quiet."""
        if not self.quiet:
            self._say(line)

    def error(self, text: str, hint: str | None = None) -> None:
        """Say on stderr, in one line, what is wrong and what to do."""
        self._say(one_line(f"convo: {text}; {hint}" if hint else f"convo: {text}"))

    def trace(self, text: str) -> None:
        """Write a traceback to stderr, made safe: it quotes what servers and files say."""
        self._say(safe(text.rstrip("\n")))

    def confirm(self, question: str) -> bool:
        """Ask a yes-or-no question on stderr; the end of input is a no."""
        if self._stdin is None or self._stderr is None:
            return False
        self.prompt(f"{one_line(question)} [y/N] ")
        return self._stdin.readline().strip().lower() in {"y", "yes"}

    def prompt(self, text: str) -> None:
        """Write a question to stderr, behind which the answer is typed."""
        if self._stderr is not None:
            self._flush_before_stderr()
            self._stderr.write(encodable(text))
            self._stderr.flush()

    def piped_text(self) -> str:
        """All of stdin, or "" where it is closed or a terminal. Raises `UsageError`."""
        if self._stdin is None or self._stdin.isatty():
            return ""
        return piped_text(self._stdin, self.notice)

    def attached_bytes(self, largest: int) -> bytes:
        """What is piped in, as a file; of more than `largest` bytes one more. Raises `UsageError`.

        There is nothing left of it for `piped_text`.
        """
        if self._stdin is None or self._stdin.isatty():
            raise UsageError("nothing is piped in that could be attached")
        return piped_bytes(self._stdin, largest, self.notice)

    def abandon(self) -> None:
        """Give up on stdout, so that the interpreter does not try again when it ends."""
        if self._stdout is not None:
            with contextlib.suppress(OSError, ValueError):
                devnull = os.open(os.devnull, os.O_WRONLY)
                os.dup2(devnull, self._stdout.fileno())
                os.close(devnull)

    def _colour_on(self, is_terminal: bool) -> bool:
        if self._environ.get("NO_COLOR"):
            return False
        if self._environ.get("FORCE_COLOR", "0") not in {"", "0"}:
            return True
        return is_terminal and self.theme != "none" and self._environ.get("TERM") != "dumb"

    @contextlib.contextmanager
    def _writing(self) -> Iterator[TextIO]:
        if self._stdout is None:
            raise OutputError("cannot write to standard output: it is closed")
        try:
            yield self._stdout
        except BrokenPipeError:
            raise
        except OSError as error:
            message = f"cannot write to standard output: {error.strerror}"
            raise OutputError(message) from error

    def _say(self, text: str) -> None:
        # Where stderr is gone there is nobody left to tell.
        if self._stderr is not None:
            self._flush_before_stderr()
            with contextlib.suppress(OSError, ValueError):
                self._stderr.write(encodable(text) + "\n")
                self._stderr.flush()

    def _flush_before_stderr(self) -> None:
        # With `2>&1` both streams are one, and it has to show things in the order they happened.
        if self._stdout is not None:
            # What cannot be written stays in the buffer: the next `flush` fails too, and is heard.
            with contextlib.suppress(OSError, ValueError):
                self._stdout.flush()
