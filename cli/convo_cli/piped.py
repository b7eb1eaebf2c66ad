"""What is piped into the program: read to its end, within bounds, without a mute wait."""

import threading
from collections.abc import Callable
from typing import TextIO

from convo_cli.exits import UsageError
from convo_cli.reading import LARGEST

_PATIENCE = 1.0
"""Seconds for which a pipe may say nothing before a notice says what is waited for."""

_WAITING = (
    "waiting for stdin to end: it is no terminal, so its text goes with the prompt; "
    "`< /dev/null` gives it none"
)


def piped_text(stdin: TextIO, notice: Callable[[str], None]) -> str:
    """The whole text of a pipe. Raises `UsageError` where it is too long or not UTF-8."""
    data = piped_bytes(stdin, LARGEST, notice)
    if len(data) > LARGEST:
        raise UsageError(f"the text on stdin has more than {LARGEST:,} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"the text on stdin is not UTF-8 (byte 0x{error.object[error.start]:02x} "
            f"at offset {error.start})",
            hint="convert it first, for example with iconv",
        ) from error


def piped_bytes(stdin: TextIO, largest: int, notice: Callable[[str], None]) -> bytes:
    """What is in a pipe; of more than `largest` bytes one more. Raises `UsageError`."""
    late = threading.Timer(_PATIENCE, notice, [_WAITING])
    late.daemon = True
    late.start()
    try:
        return stdin.buffer.read(largest + 1)
    except OSError as error:
        raise UsageError(f"stdin cannot be read: {error.strerror}") from error
    finally:
        late.cancel()
