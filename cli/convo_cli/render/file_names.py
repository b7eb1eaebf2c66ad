"""Names of files, made from names of sessions that may be anything."""

import re
import unicodedata

_LONGEST = 80
"""In bytes: file systems take about 255, and an ending and a number are still to follow."""

_UNUSABLE = re.compile(r"[^\w .,()+=@-]+")
_OF_WINDOWS = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
"""Names of devices, with any ending."""


class FileNames:
    """Makes names that are safe on every system, each only once, whatever the case of letters."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def unused(self, name: str, ending: str) -> str:
        """A name for a file that is called after something."""
        stem = safe_stem(name)
        made, number = f"{stem}{ending}", 1
        while _folded(made) in self._used:
            number += 1
            made = f"{stem}-{number}{ending}"
        self._used.add(_folded(made))
        return made


def safe_stem(name: str) -> str:
    """The name without what a file system or a shell could take for something else."""
    plain = _UNUSABLE.sub("-", unicodedata.normalize("NFC", name))
    plain = plain.encode()[:_LONGEST].decode(errors="ignore").strip(" .-~")
    if not plain:
        return "session"
    return f"_{plain}" if _OF_WINDOWS.fullmatch(plain) else plain


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
