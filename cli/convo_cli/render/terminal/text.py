"""Text of users and models, made safe to show.

Everything that could control a terminal becomes a visible escape: control characters, and so every
escape sequence; characters that reorder or hide a part of a line; and lone surrogates, which cannot
be encoded. Rich markup is harmless, because no text is passed to Rich as markup, and so are links,
because no text is made a link.
"""

import re

_FLAG = "\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f"
"""Matches the flag of a region: a black flag, and its name in invisible letters."""

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
_UNFINISHED = "(?:\r|\U0001f3f4[\U000e0020-\U000e007e]{0,8})\\Z"
_SURROGATE = "[\ud800-\udfff]"
_NAMED = {"\r": "\\r", "\b": "\\b", "\f": "\\f", "\v": "\\v"}
_UNITS = ("bytes", "KB", "MB", "GB", "TB")


def _visible(match: re.Match[str]) -> str:
    character = match[0]
    if len(character) > 1:
        return character
    code = ord(character)
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return _NAMED.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def safe(text: str) -> str:
    """The text with everything unsafe escaped; newlines and tabs are kept."""
    if text.isprintable():
        return text
    return _UNSAFE.sub(_visible, text.replace("\r\n", "\n"))


def in_units(size: int) -> str:
    """A size in the largest unit of which there is one."""
    value, unit = float(size), 0
    while round(value) >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.0f} {_UNITS[unit]}" if value >= 100 else f"{value:.3g} {_UNITS[unit]}"


def counted(count: int, thing: str) -> str:
    """A count with a noun whose plural ends in s."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def one_line(text: str) -> str:
    """The text on one line, with white space collapsed, for a cell or a message."""
    joined = " ".join(text.split())
    return joined if joined.isprintable() else _UNSAFE.sub(_visible, joined)


class Preview(str):
    """The beginning of a text, safe and on one line, for a cell; `whole` is the raw whole text."""

    whole: str

    def __new__(cls, beginning: str, whole: str) -> "Preview":
        """The beginning of a text, made safe, with the whole of it."""
        preview = super().__new__(cls, one_line(beginning))
        preview.whole = whole
        return preview


def whole_line(text: str) -> str:
    """All of a text that a cell shows, on one line: a preview in full, anything else as it is."""
    return one_line(text.whole) if isinstance(text, Preview) else text


def exactly(text: str) -> str:
    """The text on one line, so that texts with different white space look different.

    For decisions of the user: each invisible character is shown as its escape.
    """
    shown = (one if one.isprintable() else ascii(one)[1:-1] for one in text)
    return "".join(shown)


def encodable(text: str) -> str:
    """The text with only those characters changed that UTF-8 cannot encode."""
    return re.sub(_SURROGATE, _visible, text)


class SafeStream:
    """Makes a text safe that arrives in pieces, however it is split."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """The part of the text so far that can be shown now."""
        text = self._held + piece
        unfinished = re.search(_UNFINISHED, text[-9:])
        self._held = unfinished[0] if unfinished else ""
        return safe(text[: len(text) - len(self._held)])

    def end(self) -> str:
        """The buffered rest, at the end of the text."""
        text, self._held = self._held, ""
        return safe(text)
