"""Identifies the file of an agent, and checks that it is still the one that the user named."""

import os
import stat
from pathlib import Path
from typing import Any


def agent_file(code: Path, name: str | None, module: str | None = None) -> dict[str, Any]:
    """The record of an agent that the user has named: its file, and its name there.

    The same file as a `module`, or as a module of another name, is another agent, because it
    imports other files. Its contents are not recorded, because the user edits them. A link with
    another target, or a file with another owner, is another agent. So is another name in the file,
    which may be a function that does something when it is called.
    """
    real = Path(os.path.realpath(code))
    try:
        owner: int | None = real.stat().st_uid
    except OSError:
        owner = None
    return {"path": str(code), "file": str(real), "owner": owner, "name": name, "module": module}


def open_to_others(code: Path, root: Path) -> Path | None:
    """A path that lets other users change the code; None if there is none.

    It is the file itself, a folder between it and `root`, where Python looks for imports, or a
    folder above in which they could replace one of these.
    """
    for place in dict.fromkeys((code, Path(os.path.realpath(code)))):
        for one in (place, *place.parents):
            is_searched = one.is_relative_to(root) or one == place.parent
            if _can_be_changed(one, code, is_searched=is_searched):
                return one
    return None


def file_open_to_others(file: Path) -> Path | None:
    """A path that lets other users change the file's contents; None if there is none.

    It is the file, or a folder above it in which they could replace it.
    """
    for place in dict.fromkeys((file.absolute(), Path(os.path.realpath(file)))):
        for one in (place, *place.parents):
            if _can_be_changed(one, file, is_searched=False):
                return one
    return None


def folder_open_to_others(folder: Path) -> bool:
    """Whether other users could add files to a folder that Python imports from."""
    return _can_be_changed(folder, folder, is_searched=True)


def _can_be_changed(place: Path, code: Path, *, is_searched: bool) -> bool:
    """Whether others can write there. With `is_searched`, an added file is harmful too."""
    try:
        found, file = place.stat(), code.stat()
    except OSError:
        return True
    if found.st_uid not in {0, os.geteuid(), file.st_uid}:
        return True
    others = found.st_mode & stat.S_IWOTH
    # On most systems only the user is in their first group, unlike in other groups.
    group = found.st_mode & stat.S_IWGRP and found.st_gid not in {0, os.getegid()}
    # In a folder with the sticky bit, such as /tmp, users cannot replace the files of others.
    is_sticky = stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX
    return bool((others or group) and (is_searched or not is_sticky))
