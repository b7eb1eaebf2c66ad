"""Server-sent events, taken out of bytes and put into them."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

_LINE_END = re.compile(rb"\r\n|\r(?!\Z)|\n")


class Sent(NamedTuple):
    """One event: its name, None where it has none, and its data as text."""

    name: str | None
    data: str

    def json(self) -> Any:
        """The data as JSON; raises ValueError where it is none."""
        return json.loads(self.data)


class EventReader:
    """Takes events out of bytes as they come, whatever the ends of lines.

    A character may be split over pieces, and bytes that are no UTF-8 become U+FFFD.
    """

    def __init__(self) -> None:
        self._bytes = b""
        self._name: str | None = None
        self._data: list[str] = []

    def read(self, piece: bytes) -> Iterator[Sent]:
        """The events that are complete with this piece."""
        *lines, self._bytes = _LINE_END.split(self._bytes + piece)
        for line in lines:
            yield from self._line(line)

    def rest(self) -> Iterator[Sent]:
        """The last event, where nothing marked its end."""
        yield from self._line(self._bytes.rstrip(b"\r"))
        yield from self._line(b"")

    def _line(self, line: bytes) -> Iterator[Sent]:
        if not line:
            if self._data:
                yield Sent(self._name, "\n".join(self._data))
            self._name, self._data = None, []
            return
        name, _, value = line.decode("utf-8", "replace").lstrip("\ufeff").partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._name = value


def event(data: object) -> bytes:
    """An event with this JSON as its data."""
    return raw_event(json.dumps(data, separators=(",", ":")))


def raw_event(data: str) -> bytes:
    """An event with this text as its data."""
    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"{lines}\n".encode("utf-8", "replace")
