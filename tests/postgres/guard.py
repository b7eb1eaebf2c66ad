"""Starts the server of a test run, and stops it when the run has ended, however it ended.

The process that pytest was started in holds a lock as long as it lives. The guard waits for that
lock: it gets it when the run is over, and when the run was killed.

    python -m tests.postgres.guard FOLDER
"""

import fcntl
import json
import shutil
import signal
import sys
import traceback
from pathlib import Path

from tests.postgres.binaries import folder_of_binaries
from tests.postgres.server import Server, made

ALIVE = "alive"
STARTED = "server.json"
FAILED = "failed"


def main(run: Path) -> None:
    """Start the server, say where it is, and stop it and all others of this run at the end."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    try:
        first = made(folder_of_binaries(), run / "first")
        server = first.copy(run / "shared")
        server.start()
        note(first, run / "first.json")
        note(server, run / STARTED)
    except BaseException:
        (run / FAILED).write_text(traceback.format_exc())
        stop_all(run)
        raise
    with (run / ALIVE).open("w") as alive:
        fcntl.lockf(alive, fcntl.LOCK_EX)
    stop_all(run)
    shutil.rmtree(run, ignore_errors=True)


def note(server: Server, path: Path) -> None:
    """Say how to reach a server, all at once."""
    about = [str(server.binaries), str(server.folder), server.port, server.password]
    scratch = path.with_suffix(".new")
    scratch.touch(mode=0o600)
    scratch.write_text(json.dumps(about))
    scratch.replace(path)


def noted(path: Path) -> Server:
    """The server that a file tells of."""
    binaries, folder, port, password = json.loads(path.read_text())
    return Server(Path(binaries), Path(folder), port, password)


def stop_all(run: Path) -> None:
    """Crash every server below a folder: nothing of them is needed any more."""
    for path in run.glob("*/data/postmaster.pid"):
        Server(run, path.parent.parent, 0, "").stop(how=signal.SIGQUIT)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
