"""What may befall a database file: another process that holds it, no permission, no space."""

import os
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.core.addresses import Address, is_server

_NOBODY = 65534


@contextmanager
def locked(path: Address) -> Iterator[None]:
    """The database as another process holds it in the middle of a write."""
    if is_server(path):
        with psycopg.connect(str(path)) as server:
            server.execute("SELECT 1 FROM agent_sessions FOR UPDATE")
            yield
        return
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


def make_sdk_impatient(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let the SDK's class wait less than its 5 s for a lock, which it has no option for."""
    connect = sqlite3.connect

    def impatient(*args: Any, **options: Any) -> sqlite3.Connection:
        return connect(*args, **{"timeout": seconds, **options})

    monkeypatch.setattr(sqlite3, "connect", impatient)


@contextmanager
def read_only(*places: Path) -> Iterator[None]:
    """Files and folders that may not be written; who may do everything is nobody meanwhile."""
    modes = {place: place.stat().st_mode for place in places}
    for place in places:
        place.chmod(0o555 if place.is_dir() else 0o444)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        for place, mode in modes.items():
            place.chmod(mode)


@contextmanager
def no_space() -> Iterator[None]:
    """No file may grow, as on a full disk. Nothing may be printed meanwhile, into a file or not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
