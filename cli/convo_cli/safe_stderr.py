"""Makes the output of libraries to stderr safe for the terminal.

Their log records, warnings and tracebacks quote text of servers, models and files.
"""

from typing import Any, TextIO

from convo_cli.render.terminal.text import safe


class SafeStderr:
    """Replaces `sys.stderr`, and makes text safe if it is a terminal.

    While the stream is lent to an agent's code, its descriptor is not a terminal, and the reader at
    the other end needs the unchanged text.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text; return its length."""
        self._stream.write(safe(text) if self._stream.isatty() else text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write texts, one after the other."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
