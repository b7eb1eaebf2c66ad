"""Keeps the last of what a program says on stderr, which is noise unless the program fails."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

_KEPT = 8192
"""Bytes."""

_LAST_WORDS = 0.5
"""Seconds that are given to what a program says while it ends."""


class KeptStderr:
    """What a program has said; `file` is what it is given as its stderr."""

    def __init__(self) -> None:
        read, write = os.pipe()
        self.file: TextIO = os.fdopen(write, "w")
        self._read = read
        self._kept = b""
        # Programs that the program has started may go on for ever, and are not waited for.
        self._thread = threading.Thread(target=self._take, daemon=True)
        self._thread.start()

    def last_line(self) -> str:
        """The last line that says something."""
        self._thread.join(_LAST_WORDS)
        lines = self._kept.decode(errors="replace").splitlines()
        return next((line for line in reversed(lines) if line.strip()), "")

    def _take(self) -> None:
        with suppress(OSError):
            while data := os.read(self._read, _KEPT):
                self._kept = (self._kept + data)[-_KEPT:]
        os.close(self._read)


@contextmanager
def kept_stderr() -> Iterator[KeptStderr]:
    """Take what is said from here to the end of the block, and until its last writer ends."""
    said = KeptStderr()
    try:
        yield said
    finally:
        said.file.close()
