"""Which file an agent's code is in, and whether that is still what the user has named."""

import os
import stat
from pathlib import Path
from typing import Any


def agent_file(code: Path, name: str | None, module: str | None = None) -> dict[str, Any]:
    """What is remembered of an agent that the user has named: its file, and its name there.

    As a `module` a file is run among others than as a file, or as one of another name.

    The contents are not: an agent is a file that its user goes on writing. A link that leads
    elsewhere now, or a file that belongs to another user now, is another agent. So is another name
    in the file, which may be that of a function that does something when it is called.
    """
    real = Path(os.path.realpath(code))
    try:
        owner: int | None = real.stat().st_uid
    except OSError:
        owner = None
    return {"path": str(code), "file": str(real), "owner": owner, "name": name, "module": module}


def open_to_others(code: Path, root: Path) -> Path | None:
    """What other users could change of the code, without its user; None where they cannot.

    That is the file itself, a folder from it up to `root`, where Python looks for what the agent
    imports, and any folder above in which they could put another one in its place.
    """
    for place in dict.fromkeys((code, Path(os.path.realpath(code)))):
        for one in (place, *place.parents):
            is_searched = one.is_relative_to(root) or one == place.parent
            if _can_be_changed(one, code, is_searched=is_searched):
                return one
    return None


def file_open_to_others(file: Path) -> Path | None:
    """What other users could change to have the file say something else; None where they cannot.

    That is the file, and any folder above it in which they could put another in its place.
    """
    for place in dict.fromkeys((file.absolute(), Path(os.path.realpath(file)))):
        for one in (place, *place.parents):
            if _can_be_changed(one, file, is_searched=False):
                return one
    return None


def folder_open_to_others(folder: Path) -> bool:
    """Whether other users could put files into a folder that Python looks into."""
    return _can_be_changed(folder, folder, is_searched=True)


def _can_be_changed(place: Path, code: Path, *, is_searched: bool) -> bool:
    """Whether others can write there. `is_searched` says that a file more there does harm too."""
    try:
        found, file = place.stat(), code.stat()
    except OSError:
        return True
    if found.st_uid not in {0, os.geteuid(), file.st_uid}:
        return True
    others = found.st_mode & stat.S_IWOTH
    # A user's first group is theirs alone on most systems, and what they let others write is not.
    group = found.st_mode & stat.S_IWGRP and found.st_gid not in {0, os.getegid()}
    # In a folder with the sticky bit, such as /tmp, nobody replaces what is another user's.
    is_sticky = stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX
    return bool((others or group) and (is_searched or not is_sticky))
