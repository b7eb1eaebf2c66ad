"""Reads piped input to its end, with a size limit, and with a notice if that takes long."""

import threading
from collections.abc import Callable
from typing import NamedTuple, TextIO

from convo_cli.exits import UsageError
from convo_cli.reading import LARGEST

_PATIENCE = 1.0
"""Seconds of silence on a pipe before a notice says that convo waits for it."""

_WAITING = (
    "waiting for stdin to end: it is not a terminal, so its text goes with the prompt; "
    "--no-stdin or `< /dev/null` gives it none"
)


class Piped(NamedTuple):
    """A text from stdin, and the number of bytes that were read for it."""

    text: str = ""
    size: int = 0


def piped_text(stdin: TextIO, notice: Callable[[str], None]) -> Piped:
    """The whole text of stdin. Raises `UsageError` if it is too long or not UTF-8."""
    data = piped_bytes(stdin, LARGEST, notice)
    if len(data) > LARGEST:
        raise UsageError(f"the text on stdin has more than {LARGEST:,} bytes")
    try:
        return Piped(data.decode("utf-8-sig"), len(data))
    except UnicodeDecodeError as error:
        raise UsageError(
            f"the text on stdin is not UTF-8 (byte 0x{error.object[error.start]:02x} "
            f"at offset {error.start})",
            hint="convert it first, for example with iconv",
        ) from error


def piped_bytes(stdin: TextIO, largest: int, notice: Callable[[str], None]) -> bytes:
    """The contents of stdin, at most `largest` + 1 bytes. Raises `UsageError`."""
    late = threading.Timer(_PATIENCE, notice, [_WAITING])
    late.daemon = True
    if not stdin.isatty():
        late.start()
    try:
        return stdin.buffer.read(largest + 1)
    except OSError as error:
        raise UsageError(f"stdin cannot be read: {error.strerror}") from error
    finally:
        late.cancel()
