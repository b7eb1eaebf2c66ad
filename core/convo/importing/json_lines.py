"""Finds lines of JSON in files, and reads single ones again later.

A source whose conversations are trees reads their files twice: first for their structure, then a
turn at a time, so that memory holds one turn and not a whole conversation.
"""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import IO, Any, NamedTuple, Self

from convo.importing.reading import LONGEST, opened
from convo.importing.source import Report
from convo.items.encoding import decode

_PIECE = 1024 * 1024
_MOST_OPEN = 32


class Line(NamedTuple):
    """Where a line is in its file; numbers count from 1."""

    number: int
    offset: int
    size: int


def located(
    path: Path, report: Report, *, only: re.Pattern[bytes] | None = None
) -> Iterator[tuple[Line, dict[str, Any]]]:
    """The objects in the lines of a file, with their places; other values are reported.

    With `only`, lines without a match are passed over.
    """
    with _unpacked(path, report) as stream:
        if stream is None:
            return
        offset = number = 0
        while True:
            number += 1
            try:
                data = stream.readline(LONGEST + 1)
                is_whole = len(data) <= LONGEST
                size = len(data)
                while not is_whole and data and not data.endswith(b"\n"):
                    data = stream.readline(_PIECE)
                    size += len(data)
            except (OSError, EOFError, ValueError) as error:
                report.skip(path, number, getattr(error, "strerror", None) or str(error))
                return
            if not size:
                return
            line = Line(number, offset, size)
            offset += size
            if not is_whole:
                report.skip(path, number, f"it is longer than {LONGEST // 2**20} MiB")
            elif data.strip() and (only is None or only.search(data)):
                value = _object(data)
                if value is not None:
                    yield line, value
                elif data.endswith(b"\n"):
                    report.skip(path, number, "it is not a JSON object")
                else:
                    report.skip(path, number, "it is not complete: the program may be writing it")


class Place(NamedTuple):
    """Where an object is: the number of its file, and its line there."""

    file: int
    line: Line


class ReadAgain:
    """Reads single lines of files again, of which only a few are open at a time.

    Files that cannot be opened were reported when `located` read them.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._open: dict[int, IO[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for stream in self._open.values():
            stream.close()

    def object_at(self, place: Place) -> dict[str, Any]:
        """The object at a place that `located` gave; empty if the file has been changed."""
        try:
            stream = self._stream(place.file)
            stream.seek(place.line.offset)
            return _object(stream.read(place.line.size)) or {}
        except OSError:
            return {}

    def _stream(self, file: int) -> IO[bytes]:
        stream = self._open.pop(file, None)
        if stream is None:
            if len(self._open) >= _MOST_OPEN:
                self._open.pop(next(iter(self._open))).close()
            stream = self._paths[file].open("rb")
        # The one that was used last is the last to be closed.
        self._open[file] = stream
        return stream


def files_below(path: Path, ending: str | tuple[str, ...], report: Report) -> list[Path]:
    """The file itself, or the files with such an ending below a folder, sorted.

    Links below the folder are not followed, and only regular files are taken. Folders that cannot
    be read are reported.
    """
    if not path.is_dir():
        return [path]

    def skip(error: OSError) -> None:
        report.skip(error.filename or path, None, error.strerror or str(error))

    found = [
        Path(folder, name)
        for folder, _, names in os.walk(path, onerror=skip)
        for name in names
        if name.endswith(ending)
    ]
    return sorted(one for one in found if _is_regular(one))


@contextmanager
def _unpacked(path: Path, report: Report) -> Iterator[IO[bytes] | None]:
    """A file to be read, unpacked if it is compressed with Zstandard."""
    if path.suffix != ".zst":
        with opened(path, report) as plain:
            yield plain
        return
    try:
        module = import_module("compression.zstd")  # Python 3.14
    except ModuleNotFoundError:
        report.skip(path, None, "it is compressed: unpack it with `zstd -d`, or use Python 3.14")
        yield None
        return
    with opened(path, report) as packed:
        yield None if packed is None else module.open(packed)


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _object(data: bytes) -> dict[str, Any] | None:
    try:
        value = decode(data)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
