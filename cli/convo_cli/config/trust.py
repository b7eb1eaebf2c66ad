"""Remembers what the user has named on this machine: servers, agents with their contexts and the
folders in which they were named, and models of other libraries.

A database may come from somebody else. The servers and agents that it names are used only if they
are listed here, in a private file outside every database.
"""

import json
from pathlib import Path
from typing import Any, Literal

from convo_cli.config.private_files import alone, make_private, write_whole, written_by_us

Kind = Literal["servers", "agents", "contexts", "folders", "models", "mcp"]

FILE_NAME = "trusted.json"
_LARGEST = 4_000_000
"""The largest file in bytes; convo does not write larger ones."""

Things = dict[str, list[Any]]


class Trust:
    """The things that the user has named, in the file of `folder` and in this run of the program.

    A thing is a string or a JSON object, and is known if an equal one was named.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self._named_now: list[tuple[Kind, Any]] = []

    def knows(self, kind: Kind, thing: Any) -> bool:
        """Whether the user has named it, now or earlier. A damaged file counts as empty."""
        return (kind, thing) in self._named_now or thing in _read(self.path).get(kind, [])

    def remember(self, kind: Kind, thing: Any) -> str | None:
        """Remember a thing as named; return a notice about the file, if there is one.

        It is remembered for this run even if the file cannot be written.
        """
        if self.knows(kind, thing):
            return None
        self._named_now.append((kind, thing))
        try:
            make_private(self.path.parent)
            with alone(self.path):
                return self._add(kind, thing)
        except OSError as error:
            return f"it is asked about again next time: {self.path}: {error.strerror}"

    def forget(self, kind: Kind, thing: Any) -> bool:
        """Forget a thing; return whether it was named. Raises OSError."""
        self._named_now = [one for one in self._named_now if one != (kind, thing)]
        if thing not in _read(self.path).get(kind, []):
            return False
        with alone(self.path):
            things = _read(self.path)
            things[kind] = [one for one in things.get(kind, []) if one != thing]
            _write(self.path, things)
        return True

    def _add(self, kind: Kind, thing: Any) -> str | None:
        things, said = _read(self.path), None
        if self.path.exists() and not things:
            damaged = self.path.with_suffix(".damaged")
            self.path.replace(damaged)
            said = f"{self.path} was damaged or open to other users; it is {damaged.name} now"
        of_kind = things.setdefault(kind, [])
        if thing not in of_kind:
            of_kind.append(thing)
        _write(self.path, things)
        return said


def trust_folder() -> Path:
    """The folder of the list: the platform's state directory of the user."""
    # Imported here because only commands that ask a model need it.
    import platformdirs

    return Path(platformdirs.user_state_dir("convo", appauthor=False))


def _read(path: Path) -> Things:
    """The things in the file; empty if it is missing, damaged, or was open to other users."""
    try:
        things = json.loads(written_by_us(path, _LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(things, dict):
        return {}
    return {kind: some for kind, some in things.items() if isinstance(some, list)}


def _write(path: Path, things: Things) -> None:
    write_whole(path, f"{json.dumps(things, indent=1)}\n")
