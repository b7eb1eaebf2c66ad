"""Files that the program writes for its user: whole or not at all, and never over another."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from convo.errors import ConflictError
from convo_cli.exits import UsageError
from convo_cli.render.text import encodable


def write_file(path: Path, pieces: Iterable[str], *, force: bool) -> None:
    """Write a text file in one step, over one that is there only with `force`.

    Raises `ConflictError` for a file that is there, `UsageError` for one that cannot be written.
    """
    try:
        if not force and os.path.lexists(path):
            raise FileExistsError
        _write(path, pieces, force=force)
    except FileExistsError:
        raise ConflictError(f"'{path}' is there already", hint="--force writes over it") from None
    except OSError as error:
        raise UsageError(f"'{path}' cannot be written: {error.strerror}") from error


def _write(path: Path, pieces: Iterable[str], *, force: bool) -> None:
    if path.is_dir():
        raise IsADirectoryError(None, "it is a folder")
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:50]}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(map(encodable, pieces))
            file.flush()
            os.fsync(file.fileno())
        if force:
            Path(name).replace(path)
        else:
            # Unlike a rename, a link does not take the place of what came there meanwhile.
            os.link(name, path)
            Path(name).unlink()
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
