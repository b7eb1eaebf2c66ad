"""What this user has named on this machine: servers, agents with their contexts and the folders
in which they were named, and models that other libraries ask.

A database may come from somebody else. What it names is asked, or run, only if it stands here, in
a file of the user's own outside every database.
"""

import fcntl
import json
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

Kind = Literal["servers", "agents", "contexts", "folders", "models"]

FILE_NAME = "trusted.json"
_LARGEST = 4_000_000
"""Bytes; a file that is larger is no list that convo has written."""

_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH

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
            _make_private(self.path.parent)
            with _alone(self.path):
                return self._add(kind, thing)
        except OSError as error:
            return f"it is asked about again next time: {self.path}: {error.strerror}"

    def _add(self, kind: Kind, thing: Any) -> str | None:
        things, said = _read(self.path), None
        if self.path.exists() and not things:
            damaged = self.path.with_suffix(".damaged")
            self.path.replace(damaged)
            said = f"{self.path} was damaged or open to other users; it is {damaged.name} now"
        of_kind = things.setdefault(kind, [])
        if thing not in of_kind:
            of_kind.append(thing)
        # A link may lead to where the user keeps such files.
        _write(Path(os.path.realpath(self.path)), things)
        return said


def trust_folder() -> Path:
    """Where the list is kept: the user's state directory of this platform."""
    # Imported here: only commands that ask a model need it.
    import platformdirs

    return Path(platformdirs.user_state_dir("convo", appauthor=False))


def _read(path: Path) -> Things:
    """The things in the file: none where it is missing, damaged, or was open to other users."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return {}
    try:
        things = json.loads(_written_by_us(descriptor))
    except (OSError, ValueError, RecursionError):
        return {}
    finally:
        os.close(descriptor)
    if not isinstance(things, dict):
        return {}
    return {kind: some for kind, some in things.items() if isinstance(some, list)}


def _written_by_us(descriptor: int) -> bytes:
    """The contents of a file that nobody else can have written; none of any other."""
    found = os.fstat(descriptor)
    is_ours = found.st_uid in {0, os.geteuid()} and not found.st_mode & _WRITABLE_BY_OTHERS
    if not stat.S_ISREG(found.st_mode) or not is_ours or found.st_size > _LARGEST:
        return b""
    with open(descriptor, "rb", closefd=False) as file:
        return file.read(_LARGEST)


def _make_private(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if stat.S_IMODE(folder.stat().st_mode) != 0o700:
        folder.chmod(0o700)


def _write(path: Path, things: Things) -> None:
    """Write the file in one step; only its user may read it."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(things, file, indent=1)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other processes from writing between our reading of the file and our writing it."""
    descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
