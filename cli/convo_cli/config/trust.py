"""What this user has named on this machine: servers, agents with their contexts and the folders
in which they were named, and models that other libraries ask.

A database may come from somebody else. What it names is asked, or run, only if it stands here, in
a file of the user's own outside every database.
"""

import json
from pathlib import Path
from typing import Any, Literal

from convo_cli.config.private_files import alone, make_private, write_whole, written_by_us

Kind = Literal["servers", "agents", "contexts", "folders", "models", "mcp"]

FILE_NAME = "trusted.json"
_LARGEST = 4_000_000
"""Bytes; a file that is larger is no list that convo has written."""

Things = dict[str, list[Any]]


class Trust:
    """The things that the user has named, in the file of `folder` and in this run of the program.

    A thing is a string or a JSON object, and is known if one that is equal to it was named.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self._named_now: list[tuple[Kind, Any]] = []

    def knows(self, kind: Kind, thing: Any) -> bool:
        """Whether the user has named it, now or earlier. A file that is damaged names nothing."""
        return (kind, thing) in self._named_now or thing in _read(self.path).get(kind, [])

    def remember(self, kind: Kind, thing: Any) -> str | None:
        """Count it as named from now on; return what the user has to know of the file, if anything.

        It holds for this run even where the file cannot be written.
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
        """Count it as not named; return whether it was. Raises OSError."""
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
    """Where the list is kept: the user's state directory of this platform."""
    # Imported here: only commands that ask a model need it.
    import platformdirs

    return Path(platformdirs.user_state_dir("convo", appauthor=False))


def _read(path: Path) -> Things:
    """The things in the file: none where it is missing, damaged, or was open to other users."""
    try:
        things = json.loads(written_by_us(path, _LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(things, dict):
        return {}
    return {kind: some for kind, some in things.items() if isinstance(some, list)}


def _write(path: Path, things: Things) -> None:
    write_whole(path, f"{json.dumps(things, indent=1)}\n")
