"""Reads files that the user names: only regular ones, and only up to a limit.

A device or a FIFO may never end or never begin, and a file may grow while it is read.
"""

import errno
import os
import stat
from pathlib import Path

LARGEST = 20_000_000
"""The largest file for a model, in bytes: servers have similar limits."""

_NOT_REGULAR = "it is not a regular file"


def named_file(typed: str | Path) -> Path:
    """The path with `~` expanded; `~NAME` is left unchanged if there is no such user."""
    return Path(os.path.expanduser(typed))  # noqa: PTH111  that of `Path` raises RuntimeError


def read_at_most(path: Path, largest: int) -> bytes:
    """The contents of a regular file, at most `largest` + 1 bytes.

    Raises OSError with a `strerror` to show.
    """
    try:
        # Checked before opening, because opening some devices has effects.
        _check_regular(path.stat().st_mode)
        # Otherwise a FIFO created since the check would wait for a writer.
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
