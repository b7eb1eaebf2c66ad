"""A PostgreSQL server of the benchmark's own, its databases, and a network that is slow."""

from __future__ import annotations

import multiprocessing
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from tests.postgres.binaries import folder_of_binaries
from tests.postgres.databases import Databases, opened
from tests.postgres.proxy import Proxy
from tests.postgres.server import DURABLE, Server, made

DELAY = 0.004
"""Seconds that a round trip takes longer through the slow network."""


class Benched:
    """A running server: addresses of databases, direct ones and through the slow network."""

    def __init__(self, server: Server, databases: Databases, slow_port: int) -> None:
        self.server = server
        self._databases = databases
        self._slow_port = slow_port

    def database(self, name: str) -> str:
        """The address of a new database, without tables."""
        return self._databases.make(name)

    def slow(self, name: str) -> str:
        """The address of a database through the slow network."""
        return self.server.url(name, port=self._slow_port)


@contextmanager
def server() -> Iterator[Benched]:
    """A server whose commits are durable; raises `NoServer` where there is no PostgreSQL."""
    binaries = folder_of_binaries()
    folder = Path(tempfile.mkdtemp(prefix="convo-bench-pg-"))
    # As root, the server runs as another user, who has to get to its folder.
    folder.chmod(0o711)
    started = made(binaries, folder / "server")
    try:
        started.start(DURABLE)
        with _slow_network(started.port) as port, opened(started) as databases:
            yield Benched(started, databases, port)
    finally:
        started.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _slow_network(target: int) -> Iterator[int]:
    """The port of a proxy that delays, in a process of its own: it takes nobody's time."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_delay, args=(target, theirs), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.close()
        process.join()


def _delay(target: int, connection: Connection) -> None:
    with Proxy(target, DELAY) as proxy:
        connection.send(proxy.port)
        try:
            connection.recv()
        except EOFError:
            return
