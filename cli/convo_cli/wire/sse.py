"""Parses and writes server-sent events."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

_LINE_END = re.compile(rb"\r\n|\r(?!\Z)|\n")


class Sent(NamedTuple):
    """One event: its name, if it has one, and its data as text."""

    name: str | None
    data: str

    def json(self) -> Any:
        """The data parsed as JSON. Raises ValueError if it is invalid."""
        return json.loads(self.data)


class EventReader:
    """Parses events from bytes as they arrive, with any kind of newline.

    A character may be split between two pieces; invalid UTF-8 becomes U+FFFD.
    """

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._name: str | None = None
        self._data: list[str] = []
        self._data_size = 0

    @property
    def kept(self) -> int:
        """How many bytes are kept of an event that is not complete."""
        return len(self._bytes) + self._data_size

    def read(self, piece: bytes) -> Iterator[Sent]:
        """The events that this piece completes."""
        if not (b"\n" in piece or b"\r" in piece or self._bytes.endswith(b"\r")):
            # A long line is not searched again with each of its pieces.
            self._bytes += piece
            return
        *lines, rest = _LINE_END.split(bytes(self._bytes) + piece)
        self._bytes = bytearray(rest)
        for line in lines:
            yield from self._line(line)

    def rest(self) -> Iterator[Sent]:
        """The last event, if nothing marked its end."""
        yield from self._line(bytes(self._bytes.rstrip(b"\r")))
        yield from self._line(b"")

    def _line(self, line: bytes) -> Iterator[Sent]:
        if not line:
            if self._data:
                yield Sent(self._name, "\n".join(self._data))
            self._name, self._data, self._data_size = None, [], 0
            return
        name, _, value = line.decode("utf-8", "replace").lstrip("\ufeff").partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
            # An empty line costs memory too.
            self._data_size += len(line)
        elif name == "event":
            self._name = value
        elif name == "error" and value.startswith("{"):
            # Older releases of llama.cpp report a failure like this.
            self._name, self._data = "error", [value]


def event(data: object) -> bytes:
    """An event with this JSON as its data."""
    return raw_event(json.dumps(data, separators=(",", ":")))


def raw_event(data: str) -> bytes:
    """An event with this text as its data."""
    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"{lines}\n".encode("utf-8", "replace")
