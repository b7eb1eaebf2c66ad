"""Text of users and models, made safe to show.

Whatever a terminal would obey rather than show becomes a visible escape: control characters and
with them every escape sequence, what reorders or hides a part of a line, and halves of surrogate
pairs, which no encoding can write. Rich markup is no danger, because nothing here is given to Rich
as markup; links are none, because no link is ever made of what is shown.
"""

import re

_FLAG = "\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f"
"""The flag of a part of a country: a black flag, and its name in letters that are not seen."""

_UNSAFE = re.compile(
    f"{_FLAG}|"
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and newline, DEL, C1
    "\u2028\u2029"  # line and paragraph separator
    "\u202a-\u202e\u2066-\u2069"  # bidirectional embeddings, overrides and isolates
    "\u206a-\u206f"  # deprecated switches of shaping and digits
    "\ufff9-\ufffb"  # annotations, which hide what they annotate
    "\U000e0000-\U000e007f"  # tags: text that is not seen
    "\ud800-\udfff]"  # lone surrogates
)
_UNFINISHED = re.compile("(?:\r|\U0001f3f4[\U000e0020-\U000e007e]{0,8})\\Z")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NAMED = {"\r": "\\r", "\b": "\\b", "\f": "\\f", "\v": "\\v"}


def _visible(match: re.Match[str]) -> str:
    character = match[0]
    if len(character) > 1:
        return character
    code = ord(character)
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return _NAMED.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def safe(text: str) -> str:
    """The text with everything unsafe made visible; newlines and tabs stay."""
    if text.isprintable():
        return text
    return _UNSAFE.sub(_visible, text.replace("\r\n", "\n"))


def counted(count: int, thing: str) -> str:
    """So many of a thing, whose plural ends in s."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def one_line(text: str) -> str:
    """The text on one line, its runs of white space as single spaces, for a cell or a message."""
    joined = " ".join(text.split())
    return joined if joined.isprintable() else _UNSAFE.sub(_visible, joined)


def exactly(text: str) -> str:
    """The text on one line, and so that two that look alike but for white space do not.

    For what a person decides about: each character that is not seen is shown as its escape.
    """
    shown = (one if one.isprintable() else ascii(one)[1:-1] for one in text)
    return "".join(shown)


def encodable(text: str) -> str:
    """The text with nothing changed but what UTF-8 cannot write."""
    return _SURROGATE.sub(_visible, text)


class SafeStream:
    """Makes a text safe that arrives in pieces, wherever it is cut."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """What of the text so far can be shown now."""
        text = self._held + piece
        unfinished = _UNFINISHED.search(text[-9:])
        self._held = unfinished[0] if unfinished else ""
        return safe(text[: len(text) - len(self._held)])

    def end(self) -> str:
        """What was held back at the end."""
        text, self._held = self._held, ""
        return safe(text)
