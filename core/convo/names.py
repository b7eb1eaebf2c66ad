"""Check, make and suggest names of sessions and branches."""

import itertools
import os
import re
import string
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from os import PathLike
from typing import Literal

from convo.errors import InvalidNameError

MAX_NAME_LENGTH = 200
"""In characters. Names are typed, shown in prompts and turned into file names."""

KEPT = "convo:removed/"
"""The beginning of the names under which the rows of deleted sessions are kept."""

_ADDRESS = r"([A-Za-z][A-Za-z0-9+.-]{1,30}):/"
"""The beginning of a URL. As a path it has lost one of its slashes; `C:/` is a drive."""

LONGEST_SLUG = 40
"""The most characters of a name that is made of a text."""

_BEGINNING = 1_000
_WORD = r"\w+"
_APOSTROPHE = "['\u2019]"

_SHOWN = 5
"""Names that a hint lists."""

_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def scheme_of(path: str | PathLike[str]) -> str | None:
    """The scheme of a URL, such as `postgresql://…`, given as a path; None for a real path.

    A URL may hold a password: never show it, and never name a folder after it.
    """
    address = re.match(_ADDRESS, os.fspath(path).strip())
    return address[1].lower() if address else None


def check_name(kind: Literal["session", "branch", "tag"], name: str) -> None:
    """Raise `InvalidNameError` unless `name` can be typed, shown and used in a file name.

    This holds for names that people choose at the command line. The session class takes any
    branch name that the SDK's class takes, and what exists can always be named.
    """
    if not name.strip():
        raise InvalidNameError(f"a {kind} name cannot be empty")
    if len(name) > MAX_NAME_LENGTH:
        raise InvalidNameError(
            f"this {kind} name has {len(name)} characters: a name has at most {MAX_NAME_LENGTH}"
        )
    if name != name.strip():
        raise InvalidNameError(f"the {kind} name {name!r} begins or ends with white space")
    if any(unicodedata.category(character) in _UNPRINTABLE for character in name):
        raise InvalidNameError(
            f"the {kind} name {name!a} has control characters: use printable ones"
        )
    if "/" in name or "\\" in name:
        raise InvalidNameError(f"the {kind} name '{name}' has a slash: use '-' or '_' instead")
    if name.startswith("-"):
        raise InvalidNameError(f"the {kind} name '{name}' begins with '-' like an option")


def check_tag(name: str) -> None:
    """Raise `InvalidNameError` unless a turn can be called that, and is not taken for a number."""
    check_name("tag", name)
    if not any(character.isalpha() for character in name):
        raise InvalidNameError(f"the tag '{name}' looks like the number of a turn: use a word")
    if ".." in name or name[0] == "." or any(character.isspace() for character in name):
        raise InvalidNameError(f"the tag '{name}' has dots or a space: use '-' instead")


def slug(said: str, longest: int = LONGEST_SLUG) -> str:
    """A short name made of the first words of a text, at most `longest` characters long."""
    name = ""
    # The words of a long text need not be looked for to its end.
    for found in re.finditer(_WORD, re.sub(_APOSTROPHE, "", said[:_BEGINNING].lower())):
        word = found[0]
        longer = f"{name}-{word}" if name else word[:longest]
        if len(longer) > longest:
            break
        name = longer
    return name or "chat"


def made_names(stem: str) -> Iterator[str]:
    """Yield short names, the plainest first: `turn-2`, `turn-2-b`, … `turn-2-aa`, …"""
    yield stem
    for length in itertools.count(1):
        for letters in itertools.product(string.ascii_lowercase, repeat=length):
            if letters != ("a",):
                yield f"{stem}-{''.join(letters)}"


def only_beginning(beginning: str, known: Sequence[str]) -> str | None:
    """The only name with this beginning; None if there are none or several."""
    found = [name for name in known if beginning and name.startswith(beginning)]
    return found[0] if len(found) == 1 else None


def closest(wanted: str, known: Iterable[str]) -> str | None:
    """The name that `wanted` is a likely misspelling of; None if there is none."""
    # Imported here because only a mistyped name needs it.
    from difflib import get_close_matches

    return next(iter(get_close_matches(wanted, list(known), n=1)), None)


def did_you_mean(wanted: str, known: Iterable[str]) -> str:
    """The end of a message that suggests the closest name; empty if there is none."""
    close = closest(wanted, known)
    return "" if close is None else f" (did you mean '{close}'?)"


def nearest(wanted: str, known: Sequence[object]) -> str | None:
    """A hint with the nearest name, or else with the existing ones; None if there are none."""
    names = [name for name in known if isinstance(name, str)]
    if wanted and len(meant := [name for name in names if name.startswith(wanted)]) > 1:
        return f"it may be {_listed(meant, ' or ')}"
    close = closest(wanted, names)
    if close is not None:
        return f"did you mean '{close}'?"
    if not names:
        return None
    return f"there is {_listed(names, ', ')}"


def _listed(names: Sequence[str], between: str) -> str:
    shown = between.join(f"'{name}'" for name in names[:_SHOWN])
    return shown + (" and more" if len(names) > _SHOWN else "")
