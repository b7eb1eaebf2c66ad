"""Where an agent is: in a file or in a module, and what it is called there.

Nothing here runs or imports what a reference names.
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
"""Characters that an error shows of an invalid name: a database may hold any number."""

_PACKAGE = "__init__.py"
_WITH_SOURCE = re.compile(r"(?P<named>[^/@]+)@(?P<source>/.*)", re.DOTALL)
"""A module and the file that it is in, as sessions record it: `pkg.desk:agent@/src/pkg/desk.py`."""


@dataclass(frozen=True, slots=True)
class AgentReference:
    """A file or else a module, and a name in it; without a name, the agent that is meant is clear.

    `source` is the file that a module is in, None where it is in no file of its own.
    `is_recorded` says that a session has kept it, and that nobody named it now. `here` is the
    folder that Python looks into beside that of the file: the one in which the agent was named. It
    is None for a recorded one, because whoever wrote the session did not choose that folder.
    """

    file: Path | None = None
    module: str | None = None
    name: str | None = None
    is_recorded: bool = False
    source: Path | None = None
    here: Path | None = None

    @property
    def code(self) -> Path | None:
        """The file whose code is run, None where it is not known."""
        return self.file or self.source

    @property
    def root(self) -> Path | None:
        """The folder that Python has to look into first: that of the file, or of the module."""
        if self.file is not None:
            return self.file.parent
        return None if self.source is None else _root(self.module or "", self.source)

    @property
    def recorded_as(self) -> str:
        """What a session keeps, which names the same code wherever it is read again."""
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
    """Read what --agent says, or what a session has kept of it; the path becomes absolute.

    Raises ChoiceError for a file or a module that is not there.
    """
    try:
        return _read(text, is_recorded)
    except (OSError, ValueError) as error:
        # A path that is too long, or has characters that no path has.
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
    """The path from the root; a `..` goes up from where a link leads, as the system reads it."""
    path = named_file(typed).absolute()
    return Path(os.path.realpath(path.parent)) / path.name if ".." in path.parts else path


def _in_source(reference: AgentReference) -> AgentReference:
    """The same, after checking that the module is in the file that was recorded with it."""
    source, module = reference.source, reference.module or ""
    assert source is not None
    _check_file(reference, source, str(source))
    if _root(module, source) is None:
        raise reference.error(f"'{source}' is not the file of a module '{module}'", HOW)
    return reference


def _root(module: str, source: Path) -> Path | None:
    """The folder in which the file is that module; None where it can be in none."""
    parts = module.split(".")
    place = source.parent if source.name == _PACKAGE else source.with_suffix("")
    if not all(map(str.isidentifier, parts)) or list(place.parts[-len(parts) :]) != parts:
        return None
    return place.parents[len(parts) - 1]


def names_place(text: str) -> bool:
    """Whether a text can only be the name of a file or a module, not that of an agent in it."""
    return text.endswith(_SUFFIX) or "/" in text or ":" in text


def same_place(reference: AgentReference, recorded: str) -> bool:
    """Whether a reference is to the file or the module that was recorded, whatever its name."""
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
    """Look for the outermost package, which is found without importing anything."""
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
        # What is loaded, but not from anywhere, such as `__main__`.
        return None


def _source(module: str) -> Path | None:
    """The file that an import of the module from here would run, None where it is not known."""
    top, _, rest = module.partition(".")
    found = _source_in([Path.cwd(), *map(Path, sys.path)], module.split("."))
    spec = _spec(top) if found is None else None
    if spec is not None:
        # What is installed to be edited is found by hooks, and in no folder of the path.
        if rest and spec.submodule_search_locations is not None:
            found = _source_in(map(Path, spec.submodule_search_locations), rest.split("."))
        elif not rest and spec.has_location and spec.origin is not None:
            found = Path(spec.origin)
    if found is None or found.suffix != _SUFFIX or _root(module, found.absolute()) is None:
        return None
    return found.absolute()


def _source_in(folders: Iterable[Path], parts: list[str]) -> Path | None:
    """The file of a module below these folders, found as Python finds it."""
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
