"""Reads from `config.toml` what has a name there.

The parser of the standard library takes half as long to import as an answer may take. So the plain
lines that nearly all files have are read here, and it reads the others.
"""

import os

_LARGEST = 1_000_000

_BARE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
_CLOSED_BY = {"[": "]", "{": "}"}


class NotPlainError(Exception):
    """A line that only the real parser can read."""


def document(path: str) -> dict[str, object]:
    """The tables of a file; empty if there is none, or it cannot be read.

    Of values only texts are right: the others may be None.
    """
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > _LARGEST:  # noqa: PTH113, PTH202
            return {}
        with open(path, encoding="utf-8-sig") as file:  # noqa: PTH123
            text = file.read()
    except (OSError, ValueError):
        return {}
    try:
        return plain(text)
    except NotPlainError:
        return parsed(text)


def parsed(text: str) -> dict[str, object]:
    """Any document; empty if it is not TOML."""
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def plain(text: str) -> dict[str, object]:
    """A document of plain lines. Raises an exception for any other."""
    if '"""' in text or "'''" in text:
        raise NotPlainError
    root: dict[str, object] = {}
    table = root
    for line in text.split("\n"):
        line = line.strip()
        if line.startswith("["):
            name, rest = _name(line[1:], "]")
            if not _is_end(rest):
                raise NotPlainError
            table = _inside(root, name)
        elif line and not line.startswith("#"):
            name, rest = _name(line, "=")
            _inside(table, name[:-1])[name[-1]] = _value(rest.strip())
    return root


def names(found: dict[str, object], table: str) -> dict[str, object]:
    """What a table has, by name."""
    inside = found.get(table)
    return inside if isinstance(inside, dict) else {}


def _name(text: str, end: str) -> tuple[list[str], str]:
    """The parts of a dotted name up to a character, and the text after it."""
    parts: list[str] = []
    while True:
        text = text.lstrip(" \t")
        if text[:1] in {'"', "'"}:
            part, quote, text = text[1:].partition(text[0])
            if not quote or "\\" in part:
                raise NotPlainError
        else:
            at = 0
            while at < len(text) and (
                text[at] in "_-" or (text[at].isalnum() and text[at].isascii())
            ):
                at += 1
            part, text = text[:at], text[at:]
            if not part:
                raise NotPlainError
        parts.append(part)
        text = text.lstrip(" \t")
        if text[:1] == end:
            return parts, text[1:]
        if text[:1] != ".":
            raise NotPlainError
        text = text[1:]


def _value(text: str) -> str | None:
    """A text; None for any other value that is on one line."""
    first = text[:1]
    if first in {'"', "'"}:
        value, quote, rest = text[1:].partition(first)
        if not quote or not _is_end(rest) or (first == '"' and "\\" in value):
            raise NotPlainError
        return value
    if first in _CLOSED_BY:
        inner = text[1:].rstrip()
        # No other bracket may be inside, not even in a text.
        if inner[-1:] != _CLOSED_BY[first] or any(letter in inner[:-1] for letter in "[]{}#\\"):
            raise NotPlainError
        return None
    if not first:
        raise NotPlainError
    return None


def _is_end(text: str) -> bool:
    left = text.strip()
    return not left or left.startswith("#")


def _inside(table: dict[str, object], path: list[str]) -> dict[str, object]:
    for part in path:
        below = table.setdefault(part, {})
        if not isinstance(below, dict):
            raise NotPlainError
        table = below
    return table
