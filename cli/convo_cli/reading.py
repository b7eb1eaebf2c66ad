"""Files that a user names to be read: regular ones alone, and no more of them than is wanted.

A device or a FIFO may go on for ever or not begin, and a file may grow while it is read.
"""

import errno
import os
import stat
from pathlib import Path

LARGEST = 20_000_000
"""Bytes of one file that goes to a model: what servers take at most is about as much."""

_NOT_REGULAR = "it is not a regular file"


def named_file(typed: str | Path) -> Path:
    """The path with `~` expanded; the home of somebody who is not there is left as it is."""
    return Path(os.path.expanduser(typed))  # noqa: PTH111  that of `Path` raises RuntimeError


def read_at_most(path: Path, largest: int) -> bytes:
    """The contents of a regular file; of one with more than `largest` bytes, one byte more.

    Raises OSError, whose `strerror` says what is wrong.
    """
    try:
        # Before it is opened: that alone does something to some devices.
        _check_regular(path.stat().st_mode)
        # A FIFO that has just come there would otherwise wait for its writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except ValueError as error:
        raise OSError(errno.EINVAL, str(error)) from error
    with os.fdopen(descriptor, "rb") as file:
        _check_regular(os.fstat(descriptor).st_mode)
        return file.read(largest + 1) or b""


def _check_regular(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, _NOT_REGULAR)
