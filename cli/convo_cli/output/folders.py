"""Writes many files at once: into a new folder, an existing one, or a zip archive.

Until all of them are written, they are in a folder beside it, which is removed if anything fails.
"""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from convo.errors import ConflictError
from convo_cli.exits import UsageError
from convo_cli.output.files import Pieces, encoded, write_file

_PIECE = 1024 * 1024


def is_archive(path: Path) -> bool:
    """Whether the files go into a zip archive; its name says so."""
    return path.suffix.lower() == ".zip"


@contextmanager
def files_for(path: Path, *, force: bool) -> Iterator["NewFiles"]:
    """Files to be written; they appear under `path` when the block ends without an error.

    Raises `ConflictError` if the path already exists, and `UsageError` if it cannot be written.
    """
    if not is_archive(path):
        _check_folder(path, force=force)
    elif not force and os.path.lexists(path):
        raise ConflictError(f"'{path}' already exists", hint="--force writes over it")
    target = Path(os.path.realpath(path))
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".{target.name[:50]}.", dir=target.parent))
    except OSError as error:
        raise UsageError(f"'{path}' cannot be written: {error.strerror}") from error
    try:
        yield NewFiles(folder)
        if is_archive(path):
            write_file(path, _zipped(folder), force=force)
        else:
            _move(folder, target)
    except OSError as error:
        raise UsageError(f"'{path}' cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class NewFiles:
    """A folder that files are written into."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.count = 0

    def add(self, name: str, pieces: Pieces) -> None:
        """Write a file, whose name is safe and has not been used before."""
        with open(self._folder / name, "xb", opener=_private) as file:
            file.writelines(map(encoded, pieces))
        self.count += 1


def _check_folder(path: Path, *, force: bool) -> None:
    try:
        found = path.stat()
    except FileNotFoundError:
        if os.path.lexists(path):
            raise ConflictError(f"'{path}' is a link to nothing", hint="remove it") from None
        return
    except OSError as error:
        raise UsageError(f"'{path}' cannot be written: {error.strerror}") from error
    if not stat.S_ISDIR(found.st_mode):
        raise ConflictError(
            f"'{path}' already exists and is not a folder", hint="name a folder or a .zip file"
        )
    try:
        is_empty = force or next(path.iterdir(), None) is None
    except OSError as error:
        raise UsageError(f"'{path}' cannot be read: {error.strerror}") from error
    if not is_empty:
        raise ConflictError(
            f"the folder '{path}' is not empty", hint="--force writes over files of the same names"
        )


def _move(folder: Path, target: Path) -> None:
    """Give the folder its name or, if there is one of that name, move the files into that."""
    if not target.exists():
        folder.replace(target)
        return
    for file in sorted(folder.iterdir()):
        file.replace(target / file.name)


def _zipped(folder: Path) -> Iterator[bytes]:
    """The files as a zip archive, piece by piece."""
    # Imported here because only an archive needs it.
    from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

    with tempfile.TemporaryFile(dir=folder.parent) as whole:
        with ZipFile(whole, "w", ZIP_DEFLATED) as archive:
            for file in sorted(folder.iterdir()):
                # With the same time for all: the same export is the same file.
                info = ZipInfo(file.name)
                info.compress_type = ZIP_DEFLATED
                info.external_attr = 0o600 << 16
                with archive.open(info, "w", force_zip64=True) as there, file.open("rb") as here:
                    shutil.copyfileobj(here, there, _PIECE)
        whole.seek(0)
        while piece := whole.read(_PIECE):
            yield piece


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
