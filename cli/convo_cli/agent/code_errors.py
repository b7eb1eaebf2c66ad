"""Describes an error in an agent's code, as Python does, with its file and line."""

import sysconfig
import traceback
from pathlib import Path

from convo_cli.agent.exits import what_raised

_STANDARD = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
_INSTALLED = frozenset({"site-packages", "dist-packages"})
_OURS = str(Path(__file__).parent.parent)

_LONGEST = 300
"""The longest error that is shown beside a call, in characters."""


def mistake(error: BaseException) -> str:
    """The error as `FILE.py:12: NameError: name 'x' is not defined`, on one line.

    The place is the innermost frame in the user's own code, not in a library.
    """
    place, words = _told(error)
    return f"{place}: {words}" if place else words


def mistake_in_call(error: BaseException) -> str:
    """The form shown beside a tool call: `ValueError: no such city (desk.py:12)`."""
    place, words = _told(error)
    if len(words) > _LONGEST:
        words = words[:_LONGEST].rstrip() + "…"
    return f"{words} ({place})" if place else words


def _told(error: BaseException) -> tuple[str | None, str]:
    """The place and the message, each on one line."""
    error = what_raised(error)
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    kind = type(error).__name__
    return _place(error), " ".join(f"{kind}: {said}".split()) if said else kind


def shown(filename: str | Path) -> str:
    """The path as the user would type it: relative if it is below the current folder."""
    path = Path(filename)
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def own_place(error: BaseException) -> tuple[str, int] | None:
    """The file and line of the innermost frame in the user's own code."""
    frames = traceback.extract_tb(what_raised(error).__traceback__)
    found = [frame for frame in frames if is_own(frame.filename)]
    return (found[-1].filename, found[-1].lineno or 0) if found else None


def _place(error: BaseException) -> str | None:
    if isinstance(error, SyntaxError) and error.filename is not None:
        return f"{shown(error.filename)}:{error.lineno}"
    place = own_place(error)
    return None if place is None else f"{shown(place[0])}:{place[1]}"


def is_own(filename: str) -> bool:
    """Whether code is the user's own: not convo's, not Python's, and not installed."""
    if filename.startswith(("<", _OURS, *_STANDARD)):
        return False
    return _INSTALLED.isdisjoint(Path(filename).parts)
