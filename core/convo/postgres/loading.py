"""Loaders of psycopg: values arrive as they do from SQLite."""

from typing import Any

from psycopg.adapt import Buffer, Loader
from psycopg.errors import DataError
from psycopg.types.datetime import TimestampLoader


class _Bytes(Loader):
    """A text that is cast to `bpchar`, as the bytes that arrived."""

    def load(self, data: Buffer) -> bytes:
        return bytes(data)


class _Number(Loader):
    """A sum of big integers is of type `numeric`."""

    def load(self, data: Buffer) -> int | float:
        text = bytes(data)
        return float(text) if b"." in text or b"N" in text else int(text)


class _Time(TimestampLoader):
    """A time as SQLite stores it, such as `2026-11-22 16:50:36`."""

    def load(self, data: Buffer) -> Any:
        try:
            return str(super().load(data))
        except DataError:
            return bytes(data).decode()


LOADERS: dict[str, type[Loader]] = {"bpchar": _Bytes, "numeric": _Number, "timestamp": _Time}
