"""Texts with escapes: JSON within a string is searched as if it had been parsed.

A tool's arguments are JSON in a string, often cut off or in the middle of other text, and may have
JSON in their strings in turn. What a backslash and a letter stand for is put in their place, at any
depth, and where something is found leads back to the text as it is.
"""

import re
from array import array
from bisect import bisect_right

_ESCAPE = re.compile(r"""(?<!\\)\\++(?:u([0-9A-Fa-f]{4})|([nrtbf/"']))""")
_WHITE = {"n": "\n", "r": "\n", "t": "\t", "b": " ", "f": " "}


class Unescaped:
    """A text without its escapes."""

    def __init__(self, text: str) -> None:
        self.original = text
        self._here = array("q", [0])
        self._there = array("q", [0])
        self.text = text if "\\" not in text else self._without_escapes(text)

    def original_span(self, span: tuple[int, int]) -> tuple[int, int]:
        """Where a part of `text` is in the original; escapes belong to it as a whole."""
        return self._place(span[0]), self._place(span[1])

    def _without_escapes(self, text: str) -> str:
        pieces = []
        at = length = 0
        for found in _ESCAPE.finditer(text):
            piece = text[at : found.start()]
            stands_for = chr(int(found[1], 16)) if found[1] else _WHITE.get(found[2], found[2])
            pieces += [piece, stands_for]
            length += len(piece)
            self._note(length, found.start())
            length += 1
            at = found.end()
            self._note(length, at)
        return "".join([*pieces, text[at:]])

    def _note(self, here: int, there: int) -> None:
        self._here.append(here)
        self._there.append(there)

    def _place(self, here: int) -> int:
        known = bisect_right(self._here, here) - 1
        return self._there[known] + here - self._here[known]
