"""Writes the user's files: completely or not at all, and never over an existing file unasked.

Anything but a regular file is written into and never replaced.
"""

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from convo.errors import ConflictError
from convo_cli.exits import UsageError
from convo_cli.render.terminal.text import encodable

_NAMES_OF_OPEN_FILES = ("/dev/", "/proc/")
"""Paths below these may be files that other programs have open: none is replaced."""

_GIVEN_TO_ALL = frozenset({"security.selinux"})
"""Extended attributes that the system sets on a new file as it did on the old one."""


Pieces = Iterable[str] | Iterable[bytes]
"""A file, piece by piece, as text or as bytes."""


def write_file(path: Path, pieces: Pieces, *, force: bool, wait: bool = True) -> None:
    """Write a file; an existing one only with `force`.

    An existing file keeps its mode, its owner and its links; if writing fails, it also keeps its
    contents. With `wait`, writing to a FIFO waits for a reader.

    Raises `ConflictError` for an existing file, and `UsageError` for one that cannot be written.
    """
    try:
        found = _found(path)
        if found is not None and stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        # Writing into a FIFO or /dev/null destroys nothing, but writing to a disk does.
        kept = found is None or stat.S_ISREG(found.st_mode) or stat.S_ISBLK(found.st_mode)
        if kept and not force and os.path.lexists(path):
            raise FileExistsError
        if found is None:
            _create(Path(os.path.realpath(path)) if force else path, pieces, force=force)
        elif stat.S_ISREG(found.st_mode):
            _write_over(path, pieces, found)
        else:
            _write_into(path, pieces, wait=wait)
    except FileExistsError:
        raise ConflictError(f"'{path}' already exists", hint="--force writes over it") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"'{path}' cannot be written: {why}") from error


def _found(path: Path) -> os.stat_result | None:
    """The status of the file; None if it does not exist. Raises OSError for a loop of links."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _create(path: Path, pieces: Pieces, *, force: bool) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:50]}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            _fill(file, pieces)
        if force:
            Path(name).replace(path)
        else:
            # Unlike a rename, a link does not replace a file that was created in the meantime.
            os.link(name, path)
            Path(name).unlink()
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _write_over(path: Path, pieces: Pieces, found: os.stat_result) -> None:
    """Overwrite a regular file: by replacing it if that makes no difference, else in place."""
    target = Path(os.path.realpath(path))
    new = _beside(target, found) if _can_be_replaced(path, target, found) else None
    if new is None:
        _write_in_place(path, pieces)
        return
    try:
        with os.fdopen(new[0], "wb") as file:
            _fill(file, pieces)
        new[1].replace(target)
    except BaseException:
        new[1].unlink(missing_ok=True)
        raise


def _can_be_replaced(path: Path, target: Path, found: os.stat_result) -> bool:
    """Whether the file has one name only, and no attributes that a replacement would lose."""
    if str(path.absolute()).startswith(_NAMES_OF_OPEN_FILES) or found.st_nlink > 1:
        return False
    try:
        # Access control lists among others, which only the system copies correctly.
        more = set(os.listxattr(target) if hasattr(os, "listxattr") else ()) - _GIVEN_TO_ALL
        return not more and os.path.samestat(target.stat(), found)
    except OSError:
        return False


def _beside(target: Path, found: os.stat_result) -> tuple[int, Path] | None:
    """A new file with the mode and owner of the existing one; None if that is impossible."""
    if not os.access(target, os.W_OK):
        # The folder allows replacing the file, but its mode says that it is read-only.
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:50]}.", dir=target.parent)
    except OSError:
        return None
    try:
        made = os.fstat(handle)
        if (made.st_uid, made.st_gid) != (found.st_uid, found.st_gid):
            os.fchown(handle, found.st_uid, found.st_gid)
        os.fchmod(handle, stat.S_IMODE(found.st_mode))
    except OSError:
        os.close(handle)
        Path(name).unlink(missing_ok=True)
        return None
    return handle, Path(name)


def _write_in_place(path: Path, pieces: Pieces) -> None:
    """Write into the file itself, after checking that everything can be made and has room."""
    with tempfile.TemporaryFile() as whole, path.open("r+b") as file:
        _fill(whole, pieces)
        size, before = whole.tell(), os.fstat(file.fileno()).st_size
        if size > before and hasattr(os, "posix_fallocate"):
            try:
                os.posix_fallocate(file.fileno(), 0, size)
            except OSError:
                with suppress(OSError):
                    os.ftruncate(file.fileno(), before)
                raise
        whole.seek(0)
        shutil.copyfileobj(whole, file)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


def _write_into(path: Path, pieces: Pieces, *, wait: bool) -> None:
    """Write into a FIFO or a device."""
    flags = os.O_WRONLY | os.O_NOCTTY | os.O_CLOEXEC | (0 if wait else os.O_NONBLOCK)
    with os.fdopen(os.open(path, flags), "wb", buffering=0) as file:
        for piece in pieces:
            rest = encoded(piece)
            while rest:
                written = file.write(rest)
                if written is None:
                    raise BlockingIOError(errno.EAGAIN, "nobody reads what is written to it")
                rest = rest[written:]


def _fill(file: BinaryIO, pieces: Pieces) -> None:
    file.writelines(map(encoded, pieces))
    file.flush()
    os.fsync(file.fileno())


def encoded(piece: str | bytes) -> bytes:
    """The bytes of a piece of a file."""
    return piece if isinstance(piece, bytes) else encodable(piece).encode()
