"""The server that all workers of a test run share: started by who needs it first."""

import contextlib
import fcntl
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from tests.postgres.binaries import folder_of_binaries
from tests.postgres.guard import ALIVE, FAILED, STARTED, noted, stop_all
from tests.postgres.server import Server

_REPOSITORY = Path(__file__).parents[2]
STARTING = "starting"
_PATIENCE = 60.0
"""Seconds until the server has to answer, on a loaded machine."""

_NUMBERS = itertools.count(1)

_PREFIX = "convo-pg-"
_OLD = 300.0
"""Seconds after which a folder without a run is what a killed one has left behind."""

_LONGEST = 60
"""The most characters of a folder of sockets, whose paths may have 104."""


class Run:
    """The folder of a test run, which its servers live in.

    As long as the process that made it lives, so do they: see `guard`.
    """

    def __init__(self) -> None:
        usual = tempfile.gettempdir()
        place = usual if len(usual) <= _LONGEST else "/tmp"
        _sweep(Path(place))
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
        # As root, the server runs as another user, who has to get to its folder.
        self.folder.chmod(0o711)
        self._alive: IO[str] = (self.folder / ALIVE).open("w")
        # A lock of the process, not of the open file, which a forked child would keep.
        fcntl.lockf(self._alive, fcntl.LOCK_EX)

    def end(self) -> None:
        """Let the guard stop the servers, and wait until it has."""
        has_guard = (self.folder / STARTING).exists() and not (self.folder / FAILED).exists()
        self._alive.close()
        deadline = time.monotonic() + _PATIENCE
        while has_guard and self.folder.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        shutil.rmtree(self.folder, ignore_errors=True)


def _sweep(place: Path) -> None:
    """Remove what runs have left behind that were killed before they had a server."""
    for folder in place.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_mtime > time.time() - _OLD:
                continue
            with (folder / ALIVE).open("r+") as alive:
                fcntl.lockf(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
                stop_all(folder)
                shutil.rmtree(folder, ignore_errors=True)


def shared(run: Path) -> Server:
    """The server of a test run, started if this is the first to ask; raises `NoServer`."""
    folder_of_binaries()
    with one_at_a_time(run):
        if (run / FAILED).exists():
            raise RuntimeError((run / FAILED).read_text())
        if not (run / STARTED).exists():
            _start_guard(run)
        return noted(run / STARTED)


def own(run: Path, name: str) -> Server:
    """A server of a test's own, with roles and without databases, which does not run yet."""
    shared(run)
    return noted(run / "first.json").copy(run / f"{name}-{os.getpid()}-{next(_NUMBERS)}")


def _start_guard(run: Path) -> None:
    guard = subprocess.Popen(
        [sys.executable, "-m", "tests.postgres.guard", run],
        cwd=_REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + _PATIENCE
    while not (run / STARTED).exists():
        if (run / FAILED).exists() or guard.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(_why(run))
        time.sleep(0.02)
    # It outlives the worker that starts it, so that nobody waits for it but the run.
    guard.returncode = 0


def _why(run: Path) -> str:
    with contextlib.suppress(OSError):
        return (run / FAILED).read_text()
    return "the guard of the PostgreSQL server ended without a word"


@contextlib.contextmanager
def one_at_a_time(run: Path) -> Iterator[None]:
    """Keep the other workers of this run out of a `with` block of theirs."""
    with (run / STARTING).open("w") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        yield
