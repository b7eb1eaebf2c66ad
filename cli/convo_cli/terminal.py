"""The terminal: the one object that reads stdin and writes stdout and stderr.

stdout carries data and nothing else; messages for the user go to stderr. Text is written unchanged:
`render` makes it safe, except for notices and errors, which are made safe here because they often
quote what the user typed.
"""

import contextlib
import io
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import TextIO

from convo.errors import ConvoError, joined
from convo_cli.appearance import Appearance
from convo_cli.exits import UsageError
from convo_cli.lending import Lent
from convo_cli.piped import Piped, piped_bytes, piped_text
from convo_cli.render.terminal.text import encodable, one_line, safe


class OutputError(ConvoError):
    """Standard output cannot be written: it is closed, or its disk is full."""


class Terminal(Appearance):
    """Standard input, output and error of this process, and how to write on them."""

    def __init__(
        self,
        stdin: TextIO | None,
        stdout: TextIO | None,
        stderr: TextIO | None,
        environ: Mapping[str, str],
    ) -> None:
        super().__init__(stdin, stdout, stderr, environ)
        self.quiet = False
        for stream in (stdout, stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")

    @classmethod
    def of_process(cls) -> "Terminal":
        """The terminal of this process; a stream that was closed before it started is None."""
        return cls(sys.stdin, sys.stdout, sys.stderr, os.environ)

    @property
    def stdin(self) -> TextIO | None:
        """The stream of the keyboard, even if stdin has been replaced for other code."""
        return self._stdin

    @property
    def stdin_descriptor(self) -> int:
        """The descriptor from which keys are read if stdin is a terminal."""
        assert self._stdin is not None
        return self._stdin.fileno()

    def write(self, text: str) -> None:
        """Write data to stdout."""
        self.write_pieces((text,))

    def write_pieces(self, pieces: Iterable[str]) -> None:
        """Write data to stdout, each piece as soon as it is ready."""
        with self._writing() as stdout:
            stdout.writelines(map(encodable, pieces))

    def write_now(self, text: str) -> None:
        """Write data to stdout, and flush it."""
        self.write(text)
        self.flush()

    def write_name(self, name: str) -> None:
        """Write a name to stdout, on a line: unchanged for a program, made safe on a terminal.

        It is flushed, so that a full disk is noticed before anything else is said.
        """
        self.write_now(f"{safe(name) if self.stdout_is_terminal else name}\n")

    def write_utf8(self, text: str) -> None:
        """Write data for a program to stdout, in UTF-8 whatever the locale."""
        self.write_utf8_pieces((text,))

    def write_utf8_pieces(self, pieces: Iterable[str]) -> None:
        """As `write_utf8`, each piece as soon as it is ready."""
        if isinstance(self._stdout, io.TextIOWrapper):
            self._stdout.reconfigure(encoding="utf-8")
        self.write_pieces(pieces)

    def flush(self) -> None:
        """Flush stdout, so that a full disk is noticed while it can still be reported."""
        if self._stdout is not None:
            with self._writing() as stdout:
                stdout.flush()

    @contextlib.contextmanager
    def reserved(self) -> Iterator[None]:
        """Reserve stdout for data: output of other code in this process goes to stderr.

        So does the output of its child processes.
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
        """Redirect the output of other code to a descriptor; convo itself writes as before.

        This applies to stdout, and to stderr if that is a terminal.
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
        """The stream of the prompt: the original stdout, even while that is redirected."""
        return self._stdout

    def notice(self, text: str) -> None:
        """Write a message to stderr, unless --quiet is given."""
        if not self.quiet:
            self._say(self._broken(one_line(text)))

    def aside(self, line: str) -> None:
        """Write a line that is already safe to stderr, unless --quiet is given."""
        if not self.quiet:
            self._say(line)

    def status(self, text: str) -> None:
        """Show one line on stderr in the place of the last one; "" removes it.

        Does nothing with --quiet, or on a terminal that cannot erase a line.
        """
        if self._stderr is None or self.quiet or not self.can_show_status:
            return
        self._flush_before_stderr()
        with contextlib.suppress(OSError, ValueError):
            self._stderr.write(encodable(f"\r\x1b[K{one_line(text)[: self.width - 1]}"))
            self._stderr.flush()

    def error(self, text: str, hint: str | None = None) -> None:
        """Write an error and its hint to stderr, in one line; a terminal gets it between words."""
        self._say(self._broken(one_line(joined(f"convo: {text}", hint))))

    def trace(self, text: str) -> None:
        """Write a traceback to stderr, made safe because it quotes servers and files."""
        self._say(safe(text.rstrip("\n")))

    def confirm(self, question: str) -> bool:
        """Ask a yes-or-no question on stderr; the end of input means no."""
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
        return self.piped().text

    def piped(self) -> Piped:
        """As `piped_text`, with the number of bytes."""
        if self._stdin is None or self._stdin.isatty():
            return Piped()
        return piped_text(self._stdin, self.notice)

    def whole_stdin(self) -> str:
        """All of stdin, or what is typed on a terminal until Ctrl-D. Raises `UsageError`."""
        if self._stdin is None:
            return ""
        if self._stdin.isatty():
            self.notice("type the prompt; Ctrl-D on a line of its own ends it")
        return piped_text(self._stdin, self.notice).text

    def attached_bytes(self, largest: int) -> bytes:
        """Piped input, as a file; of more than `largest` bytes one more. Raises `UsageError`.

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

    def _broken(self, line: str) -> str:
        """A message in lines, on a terminal that is too narrow for it."""
        if not self.stderr_is_terminal or len(line) <= self.stderr_width // 2:
            return line
        from convo_cli.render.terminal.messages import in_words

        return in_words(line, self.stderr_width)

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
