"""A replica of a server, which can be promoted."""

import os
import subprocess
from pathlib import Path

import psycopg

from tests.postgres.binaries import NoServer, identity
from tests.postgres.server import ADMINISTRATOR, Server, free_port


def replica(server: Server, folder: Path) -> Server:
    """A replica of a running server, which does not run yet; raises `NoServer` if none is made."""
    command = server.binaries / "pg_basebackup"
    if not os.access(command, os.X_OK):
        raise NoServer(f"{server.binaries} has no pg_basebackup, which makes a replica")
    folder.mkdir()
    who = identity()
    if who:
        os.chown(folder, *_ids(server.folder))
    options = ["-h", server.folder, "-p", str(server.port), "-U", ADMINISTRATOR, "-D"]
    done = subprocess.run(
        [command, *options, folder / "data", "-R", "-c", "fast", "--no-sync"],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        **who,
    )
    if done.returncode:
        raise RuntimeError(f"pg_basebackup failed:\n{done.stdout}{done.stderr}")
    return Server(server.binaries, folder, free_port(), server.password)


def promote(server: Server) -> None:
    """Have a replica take writes; returns when it does."""
    with psycopg.connect(server.url_of_socket("postgres"), autocommit=True) as connection:
        assert connection.execute("SELECT pg_promote()").fetchone() == (True,)


def _ids(folder: Path) -> tuple[int, int]:
    about = folder.stat()
    return about.st_uid, about.st_gid
