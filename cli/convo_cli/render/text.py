"""Text of users and models, made safe to show.

Whatever a terminal would obey rather than show becomes a visible escape: control characters and
with them every escape sequence, the overrides that reorder a line, and halves of surrogate pairs,
which no encoding can write.
"""

import re

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and newline, DEL, C1
    "\u2028\u2029"  # line and paragraph separator
    "\u202a-\u202e\u2066-\u2069"  # bidirectional embeddings, overrides and isolates
    "\ud800-\udfff]"  # lone surrogates
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_NAMED = {"\r": "\\r", "\b": "\\b", "\f": "\\f", "\v": "\\v"}


def _visible(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    return _NAMED.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def safe(text: str) -> str:
    """The text with everything unsafe made visible; newlines and tabs stay."""
    if text.isprintable():
        return text
    return _UNSAFE.sub(_visible, text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """The text on one line, its runs of white space as single spaces, for a cell or a message."""
    joined = " ".join(text.split())
    return joined if joined.isprintable() else _UNSAFE.sub(_visible, joined)


def encodable(text: str) -> str:
    """The text with nothing changed but what UTF-8 cannot write."""
    return _SURROGATE.sub(_visible, text)


class SafeStream:
    """Makes a text safe that arrives in pieces, a `\\r\\n` cut in two included."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """What of the text so far can be shown now."""
        text = self._held + piece
        self._held = "\r" if text.endswith("\r") else ""
        return safe(text.removesuffix("\r") if self._held else text)

    def end(self) -> str:
        """What was held back at the end."""
        text, self._held = self._held, ""
        return safe(text)
