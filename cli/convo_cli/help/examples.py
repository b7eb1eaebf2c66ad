"""Reads the examples of the commands, which are in a text file for each part of the help.

A command's name in brackets begins its examples. Each is a line that says what it does, after a #,
and the command line below it.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from convo_cli.help.page import Example

FOLDER = Path(__file__).with_name("examples")

ROOT = "convo"
"""The name above the examples of the program itself."""

_HEADER = re.compile(r"^\[([a-z -]+)\]\n", re.MULTILINE)


def examples_of(path: tuple[str, ...]) -> tuple[Example, ...]:
    """The examples of a command; `path` has its names, none for the program itself."""
    return every_example().get(" ".join(path) or ROOT, ())


@cache
def every_example() -> Mapping[str, tuple[Example, ...]]:
    """The examples of all commands by their names."""
    found = {}
    for file in sorted(FOLDER.glob("*.txt")):
        _, *parts = _HEADER.split(file.read_text(encoding="utf-8"))
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            found[name] = _examples(text)
    return found


def _examples(text: str) -> tuple[Example, ...]:
    lines = [line for line in text.splitlines() if line]
    return tuple(
        Example(line, said.removeprefix("# "))
        for said, line in zip(lines[::2], lines[1::2], strict=True)
    )
