"""pgbouncer before the server: many clients share few connections, each for one transaction."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgres.binaries import NoServer, identity
from tests.postgres.server import USER, Server, free_port

_PATIENCE = 30.0

_SETTINGS = """
[databases]
* = host=127.0.0.1 port={server.port} user={user} password={server.password}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {pool}
max_client_conn = 200
logfile = {folder}/log
"""


def program() -> str:
    """Where pgbouncer is; raises `NoServer` with the reason for a test to be skipped."""
    found = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if found is None:
        raise NoServer("pgbouncer is not installed; on Debian: apt-get install pgbouncer")
    return found


@contextmanager
def bouncing(server: Server, run: Path, *, pool: int) -> Iterator[int]:
    """The port of a pgbouncer that holds at most `pool` connections to each database."""
    command = program()
    port = free_port()
    folder = run / f"bouncer-{port}"
    folder.mkdir()
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        _SETTINGS.format(server=server, user=USER, port=port, pool=pool, folder=folder)
    )
    who = identity()
    if who:
        for path in (folder, settings):
            shutil.chown(path, who["user"], who["group"])
    process = subprocess.Popen(
        [command, "-q", settings],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        **who,
    )
    try:
        _wait_for(port, process, folder / "log")
        yield port
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                said = log.read_text() if log.exists() else ""
                raise RuntimeError(f"pgbouncer did not start: {said}") from None
            time.sleep(0.02)
        else:
            return
