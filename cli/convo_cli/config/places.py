"""Finds the line of a key in the text of a TOML file, for messages: the parser does not say."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRINGS = ('"""', "'''", '"', "'")


def line_of(text: str, parts: Sequence[str]) -> int:
    """The line on which a key, or else the nearest one around it, is first named; from 1.

    The text has to be TOML.
    """
    places = _places(text)
    for depth in range(len(parts), 0, -1):
        line = places.get(tuple(parts[:depth]))
        if line is not None:
            return line
    return 1


def _places(text: str) -> Mapping[tuple[str, ...], int]:
    """The lines of all keys that begin a line, and of the tables around them."""
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    lines = text.replace("\r\n", "\n").split("\n")
    number = 0
    while number < len(lines):
        line, first = lines[number], number + 1
        number += 1
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if stripped.startswith("["):
            name = table = _parts(stripped.lstrip("["))
        else:
            name = (*table, *_parts(stripped))
            # A value may go on for lines, in which what looks like a key is none.
            while not _is_whole(lines[first - 1 : number]) and number < len(lines):
                number += 1
        for depth in range(1, len(name) + 1):
            found.setdefault(name[:depth], first)
    return found


def _parts(text: str) -> tuple[str, ...]:
    """The parts of the dotted key that a text begins with."""
    parts: list[str] = []
    rest = text.strip()
    while rest:
        quote = rest[0] if rest[0] in "\"'" else ""
        if quote:
            end = _end_of_string(rest, quote)
            parts.append(_unquoted(rest[:end]))
        else:
            bare = _BARE.match(rest)
            if bare is None:
                break
            end = bare.end()
            parts.append(bare[0])
        rest = rest[end:].lstrip()
        if not rest.startswith("."):
            break
        rest = rest[1:].lstrip()
    return tuple(parts)


def _end_of_string(text: str, quote: str) -> int:
    at = len(quote)
    while at < len(text) and not text.startswith(quote, at):
        at += 2 if quote.startswith('"') and text[at] == "\\" else 1
    return min(len(text), at + len(quote))


def _unquoted(quoted: str) -> str:
    try:
        value: Any = tomllib.loads(f"x = {quoted}")["x"]
    except tomllib.TOMLDecodeError:
        value = quoted
    return str(value)


def _is_whole(lines: Sequence[str]) -> bool:
    """Whether lines that begin with a key are a whole one with its value."""
    try:
        tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError:
        return False
    return True
