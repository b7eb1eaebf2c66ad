"""Reads private files only if nobody else can have written them, and writes them atomically."""

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def written_by_us(path: Path, largest: int) -> bytes:
    """The contents of a file that nobody else can have written; empty for any other.

    Raises OSError if it does not exist or cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        is_ours = found.st_uid in {0, os.geteuid()} and not found.st_mode & _WRITABLE_BY_OTHERS
        if not stat.S_ISREG(found.st_mode) or not is_ours or found.st_size > largest:
            return b""
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(largest)
    finally:
        os.close(descriptor)


def make_private(folder: Path) -> None:
    """Create a folder that only its user can read."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if stat.S_IMODE(folder.stat().st_mode) != 0o700:
        folder.chmod(0o700)


def write_whole(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a file atomically; a link is followed, because the user may keep the file elsewhere."""
    # Imported here because most calls only read.
    import tempfile

    require_regular(path)
    target = Path(os.path.realpath(path))
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def require_regular(path: Path) -> None:
    """Raise OSError for a device or a FIFO: replacing /dev/null would harm the whole machine."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is not a regular file")


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Lock a file, so that no other process writes it between a read and a write in the block."""
    lock = path.with_name(f".{path.name}.lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
