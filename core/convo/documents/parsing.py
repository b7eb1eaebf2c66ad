"""Parse a document: a row at a time, with memory for the longest row only."""

import io
import json
import re
from collections.abc import Generator, Iterator
from typing import BinaryIO, NamedTuple, TextIO, TypeVar

from convo.documents.fields import FORMAT, KIND, PARTS
from convo.errors import ConvoError

T = TypeVar("T")

LONGEST = 256 * 1024 * 1024
"""The most characters of a row: a message may have files in it."""

_PIECE = 256 * 1024
_SPACE = re.compile(r"[ \t\r\n]*")
_SINGLE = ("session", "settings", "redacted")
_KEYS = ("session", "settings", *(part.key for part in PARTS), "redacted")
_ORDER = {key: place for place, key in enumerate(_KEYS)}

_decode = json.JSONDecoder().raw_decode


class DocumentError(ConvoError):
    """A file is not a document of a session, or is damaged."""

    def __init__(self, message: str, *, line: int | None = None, hint: str | None = None) -> None:
        super().__init__(message if line is None else f"line {line}: {message}", hint=hint)
        self.line = line
        self.why = message


class ParsedRow(NamedTuple):
    """A row of a part, or the value of a key that has no rows, and the line where it begins."""

    key: str
    row: dict[str, object]
    line: int


def parsed(file: BinaryIO) -> Generator[ParsedRow, None, None]:
    """The session and the rows of a document, in order. Raises `DocumentError`."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    try:
        yield from _Parser(text).rows()
    except UnicodeDecodeError as error:
        raise DocumentError("the file is not UTF-8") from error
    finally:
        text.detach()


class _Parser:
    """The text of a document, of which a part is in memory."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._buffer = ""
        self._at = 0
        self._line = 1
        """The line at `_counted`."""
        self._counted = 0
        self._has_ended = False

    def rows(self) -> Iterator[ParsedRow]:
        """All rows, once the beginning has shown that this is a document."""
        self._begin()
        place = -1
        while self._next() == ",":
            self._at += 1
            key = self._key()
            if key not in _ORDER or _ORDER[key] <= place:
                raise self._error(f"'{key[:40]}' is unknown here")
            place = _ORDER[key]
            if key in _SINGLE:
                yield ParsedRow(key, *self._row())
                continue
            self._take("[")
            while self._next() != "]":
                yield ParsedRow(key, *self._row())
                if self._next() == ",":
                    self._at += 1
            self._take("]")
        self._take("}")
        if self._next():
            raise self._error("there is more after its end")

    def _begin(self) -> None:
        """Read up to the version. Raises `DocumentError` unless this release can read it."""
        no_document = DocumentError(
            "it is not a document of convo",
            hint="`convo export --format json --all-branches` and `convo bundle` write documents",
        )
        if self._next() != "{":
            raise no_document
        self._at += 1
        try:
            if self._key() != "convo" or self._value() != KIND:
                raise no_document
            self._take(",")
            if self._key() != "format":
                raise no_document
        except DocumentError:
            raise no_document from None
        version = self._value()
        if not isinstance(version, int) or not 0 < version <= FORMAT:
            raise DocumentError(
                f"its format is {str(version)[:20]}, and this release reads {FORMAT}",
                hint="install a newer one: pip install -U convo-cli",
            )

    def _row(self) -> tuple[dict[str, object], int]:
        self._next()
        line = self._line_here()
        row = self._value()
        if not isinstance(row, dict):
            raise DocumentError("this is not a row of a document", line=line)
        return row, line

    def _key(self) -> str:
        key = self._value()
        if not isinstance(key, str):
            raise self._error("a key is missing")
        self._take(":")
        return key

    def _take(self, mark: str) -> None:
        if self._next() != mark:
            raise self._error(f"'{mark}' is missing")
        self._at += 1

    def _next(self) -> str:
        """The next character that is not white space; "" at the end."""
        while True:
            found = _SPACE.match(self._buffer, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._read():
                return ""

    def _value(self) -> object:
        self._next()
        while True:
            try:
                value, end = _decode(self._buffer, self._at)
            except RecursionError:
                raise self._error("it is nested too deeply") from None
            except ValueError as error:
                if len(self._buffer) - self._at > LONGEST:
                    raise self._error(f"it is longer than {LONGEST // 2**20} MiB") from error
                if not self._read():
                    raise self._error("it is not JSON, or ends too early") from error
                continue
            # A number at the end of what has been read may continue.
            if end < len(self._buffer) or not self._read():
                self._at = end
                return value

    def _read(self) -> bool:
        """Read at least as much as is unread, which makes a long row cost twice its length."""
        if self._has_ended:
            return False
        self._line_here()
        self._buffer = self._buffer[self._at :]
        self._at = self._counted = 0
        more = self._text.read(max(_PIECE, len(self._buffer)))
        self._buffer += more
        self._has_ended = not more
        return bool(more)

    def _error(self, why: str) -> DocumentError:
        return DocumentError(why, line=self._line_here())

    def _line_here(self) -> int:
        """The line of the next character."""
        self._line += self._buffer.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line
