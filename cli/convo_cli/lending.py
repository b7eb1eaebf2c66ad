"""Lends the numbers of standard streams to other code of this process.

What is written to the number, also by programs that are started, goes to where it was lent; convo
itself writes on through a duplicate that no program inherits.
"""

import contextlib
import io
import os
from typing import TextIO


class Lent:
    """A standard stream whose number leads elsewhere until it is taken back.

    `ours` leads to where the stream led. Between `take_back` and `lend` all is as it was.
    """

    def __init__(self, stream: io.TextIOWrapper, target: int) -> None:
        stream.flush()
        self.stream, self._number, self._target = stream, stream.fileno(), target
        self._line_buffering = stream.line_buffering
        kept = os.dup(self._number)
        self.ours: TextIO = os.fdopen(
            kept, "w", encoding=stream.encoding, errors=stream.errors, newline=""
        )
        self.lend()

    def lend(self) -> None:
        """Have the number lead elsewhere."""
        os.dup2(self._target, self._number)
        # Lines are to appear when they are printed, among those that we say.
        self.stream.reconfigure(line_buffering=True)

    def flush(self) -> None:
        """Send on what other code has written and this process holds."""
        # Code that is writing at the moment, or has closed the stream, flushes it by itself.
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            self.stream.flush()

    def take_back(self) -> None:
        """Have the number lead where it led; what was written before goes where the rest went."""
        self.flush()
        os.dup2(self.ours.fileno(), self._number)
        with contextlib.suppress(ValueError):
            self.stream.reconfigure(line_buffering=self._line_buffering)

    def close(self) -> None:
        """Take it back for good."""
        self.take_back()
        with contextlib.suppress(OSError):
            self.ours.close()
