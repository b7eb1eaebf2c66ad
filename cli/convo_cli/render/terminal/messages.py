"""Breaks messages between words for a terminal, which would break them anywhere."""

import re

from convo_cli.render.terminal.grid import cells

_WORD = re.compile(r"(?:`[^`]*`|[^\s`]|`(?![^`]*`))+")
"""A word; a command in backquotes is one, so that it can be copied whole."""


def in_words(text: str, width: int) -> str:
    """A line, broken between words into lines of at most `width` cells, if its words allow that."""
    if cells(text) <= width:
        return text
    lines: list[str] = []
    for word in _WORD.findall(text):
        if lines and cells(lines[-1]) + 1 + cells(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "\n".join(lines)
