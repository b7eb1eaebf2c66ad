"""What libraries write to stderr by themselves, made safe for the terminal that shows it.

Their log records, warnings and tracebacks quote what servers, models and files say.
"""

from typing import Any, TextIO

from convo_cli.render.terminal.text import safe


class SafeStderr:
    """Stands in for `sys.stderr`: as it is, but that a terminal is given safe text.

    While the stream is lent to the code of an agent, its number leads to no terminal, and the
    reader at the other end needs the text as it was written.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text; returns how long it was."""
        self._stream.write(safe(text) if self._stream.isatty() else text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write texts, one after the other."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
