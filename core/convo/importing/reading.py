"""Reads the files of other programs, a line or an element at a time, without trusting them.

Memory is bounded by the longest line or element that is accepted. Each is parsed on its own, so
that a damaged one costs no other.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from convo.importing.source import Report
from convo.items.encoding import decode

LONGEST = 64 * 1024 * 1024
"""The most bytes of a line, of an element of an array, or of a file that is read at once."""

_PIECE = 1024 * 1024
_TOO_LONG = f"it is longer than {LONGEST // 2**20} MiB"
_NOT_JSON = "it is not JSON"

_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+("?)|[\[\]{}]', re.DOTALL)
"""A string, whose group is empty if its end is missing, or a bracket."""

_MOST_COUNT = 2**53
_LATEST = 253_402_300_799
"""The last second of the year 9999, the last that a date can have."""


@contextmanager
def opened(path: Path, report: Report) -> Iterator[IO[bytes] | None]:
    """A file, to be read; None if it cannot be opened, which is reported."""
    try:
        stream = path.open("rb")
    except OSError as error:
        report.skip(path, None, _reason(error))
        yield None
        return
    with stream:
        yield stream


def json_lines(path: Path, report: Report) -> Iterator[tuple[int, Any]]:
    """The values of a file of JSON Lines with the numbers of their lines; blank ones are skipped.

    Lines that are not JSON are reported.
    """
    with opened(path, report) as stream:
        if stream is None:
            return
        number = 0
        while line := _next_line(stream, path, report, number + 1):
            number += 1
            report.read += len(line)
            if line.strip():
                value = parsed(line, path, number, report)
                if value is not None:
                    yield number, value


def json_file(path: Path, report: Report) -> Any:
    """The value of a JSON file; None, and reported, if it cannot be read or is too large."""
    with opened(path, report) as stream:
        if stream is None:
            return None
        try:
            data = stream.read(LONGEST + 1)
        except OSError as error:
            report.skip(path, None, _reason(error))
            return None
    report.read += len(data)
    return parsed(data, path, None, report)


def json_array(stream: IO[bytes], path: Path | str, report: Report) -> Iterator[tuple[int, Any]]:
    """The objects and arrays in a JSON array, one at a time, with the lines where they begin.

    If the file is an object, it is the only one. Elements that are not JSON are reported, and so is
    an array that ends too early.
    """
    splitter = _Splitter()
    try:
        while piece := stream.read(_PIECE):
            report.read += len(piece)
            for line, data in splitter.add(piece):
                value = parsed(data, path, line, report)
                if value is not None:
                    yield line, value
            if splitter.is_too_long():
                report.skip(path, splitter.line, f"{_TOO_LONG}; the rest of the file is left out")
                return
    except Exception as error:  # noqa: BLE001  a damaged archive raises errors of many kinds
        report.skip(path, splitter.line, _reason(error))
        return
    if not splitter.is_complete():
        report.skip(path, splitter.line, "the file ends in the middle of a value")


def parsed(data: bytes, path: Path | str, line: int | None, report: Report) -> Any:
    """The value of a JSON text; None, and reported, if it is not JSON, or too long."""
    if len(data) > LONGEST:
        report.skip(path, line, _TOO_LONG)
        return None
    try:
        return decode(data)
    except ValueError:
        report.skip(path, line, _NOT_JSON)
        return None


def when(value: object) -> datetime | None:
    """A time in UTC, from an ISO 8601 text or from seconds or milliseconds since 1970."""
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            # As seconds, milliseconds of our time would be a year far from now.
            seconds = value / 1000 if abs(value) > _LATEST / 10 else value
            return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def text(value: object) -> str | None:
    """The value if it is a text with something in it, else None."""
    return value if isinstance(value, str) and value.strip() else None


def table(value: object) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def array(value: object) -> list[Any]:
    """The value if it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def count(value: object) -> int:
    """The value as a number of tokens; 0 if it is none that can be stored."""
    found = number(value)
    return 0 if found is None else int(found)


def number(value: object) -> float | None:
    """The value if it is a number that can be an amount, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if 0 <= value <= _MOST_COUNT else None


class _Splitter:
    """Splits a JSON array into its elements as its bytes arrive."""

    def __init__(self) -> None:
        self.line = 1
        """The line at `_counted`."""
        self._counted = 0
        self._buffer = b""
        self._at = 0
        self._begin = -1
        self._depth = 0
        self._is_array: bool | None = None

    def add(self, piece: bytes) -> Iterator[tuple[int, bytes]]:
        """The elements that end in this piece."""
        self._drop_read()
        self._buffer += piece
        end = len(self._buffer)
        for token in _TOKEN.finditer(self._buffer, self._at):
            mark = token[0][:1]
            if mark == b'"':
                if not token[1]:
                    self._at = token.start()
                    return
                continue
            self._at = token.end()
            if mark in b"[{":
                self._open(mark, token.start())
            elif self._depth:
                self._depth -= 1
                if self._begin >= 0 and self._depth == self._base():
                    self._count_lines(self._begin)
                    yield self.line, self._buffer[self._begin : self._at]
                    self._begin = -1
        self._at = end

    def is_too_long(self) -> bool:
        """Whether the element that has begun is longer than any that is read."""
        return len(self._buffer) - max(self._begin, 0) > LONGEST

    def is_complete(self) -> bool:
        """Whether the file has ended where the array ends."""
        return self._is_array is not None and self._depth == 0

    def _base(self) -> int:
        return 1 if self._is_array else 0

    def _open(self, mark: bytes, at: int) -> None:
        if self._is_array is None:
            self._is_array = mark == b"["
            if self._is_array:
                self._depth = 1
                return
        if self._begin < 0 and self._depth == self._base():
            self._begin = at
        self._depth += 1

    def _count_lines(self, up_to: int) -> None:
        self.line += self._buffer.count(b"\n", self._counted, up_to)
        self._counted = up_to

    def _drop_read(self) -> None:
        """Drop what has been read, up to the beginning of the element that has not ended."""
        read = self._begin if self._begin >= 0 else self._at
        self._count_lines(read)
        self._buffer = self._buffer[read:]
        self._at -= read
        self._counted = 0
        self._begin = 0 if self._begin >= 0 else -1


def _next_line(stream: IO[bytes], path: Path, report: Report, number: int) -> bytes:
    """The next line; one that is too long is reported, and replaced with a blank one."""
    try:
        line = stream.readline(LONGEST + 1)
        if len(line) <= LONGEST:
            return line
        report.skip(path, number, _TOO_LONG)
        while line and not line.endswith(b"\n"):
            line = stream.readline(_PIECE)
    except OSError as error:
        report.skip(path, number, _reason(error))
        return b""
    return b"\n"


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or "unreadable"
