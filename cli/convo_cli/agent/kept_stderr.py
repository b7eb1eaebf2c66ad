"""Keeps the end of a program's stderr, which is shown only if the program fails."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

_KEPT = 8192
"""The number of bytes that are kept."""

_LAST_WORDS = 0.5
"""Seconds to wait for the output of a program that is ending."""


class KeptStderr:
    """The end of a program's stderr; `file` is to be passed to the program."""

    def __init__(self) -> None:
        read, write = os.pipe()
        self.file: TextIO = os.fdopen(write, "w")
        self._read = read
        self._kept = b""
        # The program's children may run forever, and are not waited for.
        self._thread = threading.Thread(target=self._take, daemon=True)
        self._thread.start()

    def last_line(self) -> str:
        """The last line that is not blank."""
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
    """Collect stderr until the end of the block, and then until its last writer closes it."""
    said = KeptStderr()
    try:
        yield said
    finally:
        said.file.close()
