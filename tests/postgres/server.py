"""A real PostgreSQL server in a folder of its own: made, started, stopped, killed."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from tests.postgres.binaries import identity, reachable

ADMINISTRATOR = "postgres"
USER = "convo"
"""An ordinary role, which owns the databases of the tests and nothing else."""

_PATIENCE = 60.0
"""Seconds that a start or a stop may take on a loaded machine."""

OPTIONS = {
    # The data is thrown away, so that nothing has to be on a disk.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # Plans change only where a test says ANALYZE.
    "autovacuum": "off",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "min_wal_size": "32MB",
    # A server need not run in UTC, where convo's times are.
    "timezone": "Asia/Kathmandu",
    "log_timezone": "UTC",
}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
"""For tests of what is there after a crash of the server."""


class Server:
    """The server of one data folder, on a TCP port and a Unix socket.

    `folder` has the data in `data/`, the log in `log` and the socket; the roles are made with the
    data. Passwords are asked for over TCP only.
    """

    def __init__(self, binaries: Path, folder: Path, port: int, password: str) -> None:
        self.binaries = binaries
        self.folder = folder
        self.port = port
        self.password = password
        self._started: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(
        self, database: str, *, user: str = USER, port: int | None = None, password: str = ""
    ) -> str:
        """An address over TCP, through a proxy if its port is given."""
        login = f"{quote(user)}:{quote(password or self.password)}"
        return f"postgresql://{login}@127.0.0.1:{port or self.port}/{database}"

    def url_of_socket(self, database: str, *, user: str = ADMINISTRATOR) -> str:
        """An address over the Unix socket, which needs no password."""
        return f"postgresql://{quote(user)}@/{database}?host={self.folder}&port={self.port}"

    def start(self, options: Mapping[str, str] | None = None) -> None:
        """Start the server with these options on top of `OPTIONS`; returns when it answers."""
        settings = {
            **OPTIONS,
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
            # Others on this machine may not connect without the password.
            "unix_socket_permissions": "0700",
            **(options or {}),
        }
        command: list[str | Path] = [self.binaries / "postgres", "-D", self.data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with (self.folder / "log").open("ab") as log:
            started = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                # Ctrl-C is for the tests; they stop it.
                start_new_session=True,
                env=_environment(),
                **identity(),
            )
        deadline = time.monotonic() + _PATIENCE
        while not self._is_ready(started.pid):
            if started.poll() is not None or time.monotonic() > deadline:
                started.kill()
                raise RuntimeError(f"PostgreSQL did not start:\n{self.log()[-2000:]}")
            time.sleep(0.02)
        self._started = started

    def process(self) -> int | None:
        """The id of the running server process, as it notes it in its folder."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            number = int(lines[0])
            os.kill(number, 0)
        except (OSError, IndexError, ValueError):
            return None
        return number

    def stop(self, *, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT ends all connections, SIGTERM waits for them, SIGQUIT is a crash."""
        number = self.process()
        if number is None:
            return
        os.kill(number, how)
        self._wait_for_end(number)

    def kill(self) -> None:
        """Kill the server process; the others notice and end by themselves."""
        self.stop(how=signal.SIGKILL)

    def kill_all(self) -> None:
        """Kill all of its processes at once, as a machine that loses its power."""
        number = self.process()
        assert number is not None
        # Otherwise it would start others in the place of those that are gone.
        os.kill(number, signal.SIGSTOP)
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=", "-o", "ppid="], capture_output=True, text=True, check=True
        )
        pairs = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
        for process in [one for one, parent in pairs if parent == number]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.kill()

    def log(self) -> str:
        """What the server has logged."""
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def copy(self, folder: Path) -> "Server":
        """A server of its own with the data of this one, which must not run."""
        _own_folder(folder)
        shutil.copytree(self.data, folder / "data")
        _give(folder / "data")
        return Server(self.binaries, folder, free_port(), self.password)

    def _is_ready(self, number: int) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().split("\n")
        except OSError:
            return False
        # A hot standby says "standby".
        return (
            len(lines) > 7 and lines[0] == str(number) and lines[7].strip() in ("ready", "standby")
        )

    def _wait_for_end(self, number: int) -> None:
        if self._started is not None:
            self._started.wait(_PATIENCE)
            return
        deadline = time.monotonic() + _PATIENCE
        while self.process() == number:
            if time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not stop:\n{self.log()[-2000:]}")
            time.sleep(0.01)


def made(binaries: Path, folder: Path) -> Server:
    """A server that has its data and roles, and does not run yet."""
    _own_folder(folder)
    binaries = reachable(binaries, _parent_of_copy(folder))
    server = Server(binaries, folder, free_port(), secrets.token_urlsafe(12))
    phrase = folder / "phrase"
    phrase.write_text(server.password)
    _give(phrase)
    command = [binaries / "initdb", "-D", server.data, "-U", ADMINISTRATOR, "--pwfile", phrase]
    command += ["--no-sync", "--no-instructions", "--encoding=UTF8", "--locale=C"]
    command += ["--auth-local=trust", "--auth-host=scram-sha-256"]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd="/", env=_environment(), **identity()
    )
    phrase.unlink()
    if done.returncode:
        raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")
    _make_roles(server)
    return server


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _make_roles(server: Server) -> None:
    """Make the ordinary role, by a server without connections."""
    command = [server.binaries / "postgres", "--single", "-D", server.data]
    command += ["-c", "scram_iterations=1"] if _has_iterations(server) else []
    statement = f"CREATE ROLE {USER} LOGIN PASSWORD '{server.password}'\n"
    again = f"ALTER ROLE {ADMINISTRATOR} PASSWORD '{server.password}'\n"
    subprocess.run(
        [*command, "postgres"],
        input=statement + again,
        text=True,
        check=True,
        capture_output=True,
        cwd="/",
        env=_environment(),
        **identity(),
    )


def _has_iterations(server: Server) -> bool:
    """Whether logging in can be made cheap, as it can from PostgreSQL 16 on."""
    return int((server.data / "PG_VERSION").read_text()) >= 16


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _parent_of_copy(folder: Path) -> Path:
    return folder.parent / "programs"


def _own_folder(folder: Path) -> None:
    folder.mkdir(parents=True)
    _give(folder)


def _give(path: Path) -> None:
    """Give a path and all below to the account that runs the server."""
    who = identity()
    if who:
        for each in (path, *path.rglob("*")):
            shutil.chown(each, who["user"], who["group"])
