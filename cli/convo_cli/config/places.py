"""Finds the line of a key in a TOML file, for messages, because the parser does not report it."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache

from convo_cli.config.names import split_name


def line_of(text: str, parts: Sequence[str]) -> int:
    """The first line, from 1, that names a key or else the innermost table around it.

    The text has to be TOML.
    """
    places = _places(text)
    for depth in range(len(parts), 0, -1):
        line = places.get(tuple(parts[:depth]))
        if line is not None:
            return line
    return 1


@lru_cache(maxsize=1)
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
            name = table = split_name(stripped.lstrip("["))
        else:
            name = (*table, *split_name(stripped))
            # A value may have several lines, which may look like keys.
            while not _is_whole(lines[first - 1 : number]) and number < len(lines):
                number += 1
        for depth in range(1, len(name) + 1):
            found.setdefault(name[:depth], first)
    return found


def _is_whole(lines: Sequence[str]) -> bool:
    """Whether lines that begin with a key contain its complete value."""
    try:
        tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError:
        return False
    return True
