"""Redirects the descriptors of standard streams for other code in this process.

Output to a lent descriptor, also by child processes, goes to its new target; convo itself writes
through a duplicate that child processes do not inherit.
"""

import contextlib
import io
import os
from typing import TextIO


class Lent:
    """A standard stream whose descriptor is redirected until it is taken back.

    `ours` leads to the original target. After `take_back`, the stream is as before until `lend`.
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
        """Redirect the descriptor."""
        os.dup2(self._target, self._number)
        # Lines have to appear as they are printed, in order with convo's own.
        self.stream.reconfigure(line_buffering=True)

    def flush(self) -> None:
        """Flush what other code has written to the stream's buffer."""
        # Code that is writing now, or has closed the stream, flushes it itself.
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            self.stream.flush()

    def take_back(self) -> None:
        """Restore the descriptor, after flushing earlier output to its redirected target."""
        self.flush()
        os.dup2(self.ours.fileno(), self._number)
        with contextlib.suppress(ValueError):
            self.stream.reconfigure(line_buffering=self._line_buffering)

    def close(self) -> None:
        """Restore the descriptor for good."""
        self.take_back()
        with contextlib.suppress(OSError):
            self.ours.close()
