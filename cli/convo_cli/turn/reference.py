"""Parses the reference to an agent: a file or a module, and a name in it.

Nothing here runs the file or imports the module.
"""

import os
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

from convo_cli.reading import named_file
from convo_cli.turn.errors import ChoiceError

HOW = "an agent is named FILE.py, FILE.py:NAME or module:NAME"
GO_ON = "name another with --agent, or go on without it with --no-agent"

_SUFFIX = ".py"
_SHOWN = 200
"""The longest part of an invalid name in an error: one in a database may be of any length."""

_PACKAGE = "__init__.py"
_WITH_SOURCE = re.compile(r"(?P<named>[^/@]+)@(?P<source>/.*)", re.DOTALL)
"""A module and the file that it is in, as sessions record it: `pkg.desk:agent@/src/pkg/desk.py`."""


@dataclass(frozen=True, slots=True)
class AgentReference:
    """A file or a module, and a name in it. Without a name, the agent has to be unambiguous.

    `source` is the file of a module; None if it has no file of its own. `is_recorded` means that
    the reference comes from a session, and was not named now. `here` is the second folder that
    Python imports from beside that of the file: the current one when the agent was named. It is
    None for a recorded reference, because the author of the session did not choose that folder.
    """

    file: Path | None = None
    module: str | None = None
    name: str | None = None
    is_recorded: bool = False
    source: Path | None = None
    here: Path | None = None

    @property
    def code(self) -> Path | None:
        """The file whose code is run; None if it is unknown."""
        return self.file or self.source

    @property
    def root(self) -> Path | None:
        """The folder that Python has to import from first: that of the file or the module."""
        if self.file is not None:
            return self.file.parent
        return None if self.source is None else _root(self.module or "", self.source)

    @property
    def recorded_as(self) -> str:
        """The form that a session records, which names the same code from any folder."""
        return str(self) if self.source is None else f"{self}@{self.source}"

    def __str__(self) -> str:
        place = str(self.file or self.module)
        return place if self.name is None else f"{place}:{self.name}"

    def error(self, message: str, hint: str | None = None) -> ChoiceError:
        """The error for an agent that cannot be loaded."""
        if self.is_recorded:
            return ChoiceError(f"the agent of this session is gone: {message}", hint=GO_ON)
        return ChoiceError(message, hint=hint)


def agent_reference(text: str, *, is_recorded: bool = False) -> AgentReference:
    """Parse --agent, or the form that a session recorded; the path becomes absolute.

    Raises ChoiceError for a file or a module that does not exist.
    """
    try:
        return _read(text, is_recorded)
    except (OSError, ValueError) as error:
        # The path is too long, or has invalid characters.
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise AgentReference(is_recorded=is_recorded).error(
            f"'{text[:_SHOWN]}' names no agent: {why}", HOW
        ) from error


def _read(text: str, is_recorded: bool) -> AgentReference:
    with_source = _WITH_SOURCE.fullmatch(text.strip())
    place, colon, name = (with_source["named"] if with_source else text.strip()).rpartition(":")
    if not colon:
        place, name = name, ""
    named = name.strip() or None
    if not place or (named is not None and not named.isidentifier()):
        raise AgentReference(is_recorded=is_recorded).error(
            f"{text[:_SHOWN]!r} names no agent", HOW
        )
    if with_source is not None:
        source = _absolute(with_source["source"])
        return _in_source(AgentReference(None, place, named, is_recorded, source))
    if place.endswith(_SUFFIX) or "/" in place:
        file = _absolute(place)
        here = None if is_recorded else Path.cwd()
        reference = AgentReference(file, None, named, is_recorded, here=here)
        _check_file(reference, file, place)
        return reference
    _check_module(AgentReference(None, place, named, is_recorded), place)
    return AgentReference(None, place, named, is_recorded, _source(place))


def _absolute(typed: str) -> Path:
    """The absolute path; `..` is resolved after links, as the system does it."""
    path = named_file(typed).absolute()
    return Path(os.path.realpath(path.parent)) / path.name if ".." in path.parts else path


def _in_source(reference: AgentReference) -> AgentReference:
    """The reference, after checking that the module is in its recorded file."""
    source, module = reference.source, reference.module or ""
    assert source is not None
    _check_file(reference, source, str(source))
    if _root(module, source) is None:
        raise reference.error(f"'{source}' is not the file of a module '{module}'", HOW)
    return reference


def _root(module: str, source: Path) -> Path | None:
    """The folder from which the file is imported as that module; None if that is impossible."""
    parts = module.split(".")
    place = source.parent if source.name == _PACKAGE else source.with_suffix("")
    if not all(map(str.isidentifier, parts)) or list(place.parts[-len(parts) :]) != parts:
        return None
    return place.parents[len(parts) - 1]


def names_place(text: str) -> bool:
    """Whether a text is certainly a file or a module, and not the name of an agent in it."""
    return text.endswith(_SUFFIX) or "/" in text or ":" in text


def same_place(reference: AgentReference, recorded: str) -> bool:
    """Whether a reference has the same file or module as a recorded one."""
    place = str(replace(reference, name=None))
    return recorded == place or recorded.startswith((f"{place}:", f"{place}@"))


def _check_file(reference: AgentReference, file: Path, typed: str) -> None:
    if file.is_dir():
        raise reference.error(f"'{typed}' is a folder", HOW)
    if not file.exists():
        raise reference.error(f"there is no file '{typed}'", HOW)
    if not file.is_file():
        raise reference.error(f"'{typed}' is not a regular file", HOW)
    if file.suffix != _SUFFIX:
        raise reference.error(f"'{typed}' is no Python file", HOW)


def _check_module(reference: AgentReference, module: str) -> None:
    """Look for the outermost package, without importing anything."""
    if not all(part.isidentifier() for part in module.split(".")):
        raise reference.error(f"{module!r} names no agent", HOW)
    top = module.partition(".")[0]
    here = Path.cwd()
    if _spec(top) or (here / f"{top}{_SUFFIX}").exists() or (here / top).is_dir():
        return
    raise reference.error(f"there is no module '{module}'", HOW)


def _spec(top: str) -> ModuleSpec | None:
    try:
        return find_spec(top)
    except ValueError:
        # The module is loaded, but not from a file, such as `__main__`.
        return None


def _source(module: str) -> Path | None:
    """The file that importing the module from here would run; None if it is unknown."""
    top, _, rest = module.partition(".")
    found = _source_in([Path.cwd(), *map(Path, sys.path)], module.split("."))
    spec = _spec(top) if found is None else None
    if spec is not None:
        # Editable installs are found by import hooks, not in a folder of the path.
        if rest and spec.submodule_search_locations is not None:
            found = _source_in(map(Path, spec.submodule_search_locations), rest.split("."))
        elif not rest and spec.has_location and spec.origin is not None:
            found = Path(spec.origin)
    if found is None or found.suffix != _SUFFIX or _root(module, found.absolute()) is None:
        return None
    return found.absolute()


def _source_in(folders: Iterable[Path], parts: list[str]) -> Path | None:
    """The file of a module in these folders, by Python's rules."""
    places = list(folders)
    found: Path | None = None
    for part in parts:
        files = (place / end for place in places for end in (f"{part}/{_PACKAGE}", f"{part}.py"))
        found = next((file for file in files if file.is_file()), None)
        if found is not None and found.name == _PACKAGE:
            places = [found.parent]
        else:
            places = [place / part for place in places if (place / part).is_dir()]
    return found
