"""The open databases: sessions on the same file and event loop share one.

A database is closed with the last session on it. If its sessions are never closed, it is closed
when its event loop is found to have ended, or at exit.
"""

import asyncio
import atexit
import os
import threading
from pathlib import Path

from convo.errors import DatabaseUnavailableError
from convo.names import scheme_of
from convo.sqlite.connect import IN_MEMORY
from convo.sqlite.connection import ConnectionThread
from convo.sqlite.database import Database
from convo.storage.forking import in_child

_Key = tuple[str, asyncio.AbstractEventLoop]

_open: dict[_Key, Database] = {}
_users: dict[Database, int] = {}
_of_parents: list[Database] = []
# Re-entrant: the garbage collector may release a dropped session while the lock is held.
_guard = threading.RLock()


def resolved(path: str | Path) -> str:
    """The file that `path` names, with `~` expanded and links followed.

    Raises `DatabaseUnavailableError` for a URL, without repeating it.
    """
    scheme = scheme_of(path)
    if scheme is not None:
        raise DatabaseUnavailableError(
            f"a {scheme}:// address is not a database file", hint="give the path of a file"
        )
    return IN_MEMORY if str(path) == IN_MEMORY else os.path.realpath(Path(path).expanduser())


def acquire(path: str) -> Database:
    """The database at a resolved path for the running event loop; `release` it when done.

    A database whose file has been deleted or replaced is not shared with new sessions.
    """
    key = (path, asyncio.get_running_loop())
    with _guard:
        _shut_abandoned()
        database = _open.get(key)
        if database is None or database.is_lost():
            database = _open[key] = Database(path)
        _users[database] = _users.get(database, 0) + 1
        return database


def release(database: Database) -> list[ConnectionThread]:
    """Give up one use; after the last one, return the connections for the caller to close."""
    with _guard:
        if database not in _users:
            return []
        _users[database] -= 1
        return [] if _users[database] else _forget(database)


def _forget(database: Database) -> list[ConnectionThread]:
    for key in [key for key, other in _open.items() if other is database]:
        del _open[key]
    _users.pop(database, None)
    return database.detach_connections()


def _shut_abandoned() -> None:
    for (_, loop), database in list(_open.items()):
        if loop.is_closed():
            for thread in _forget(database):
                thread.shut()


@atexit.register
def _shut_all() -> None:
    with _guard:
        threads = [thread for database in list(_users) for thread in _forget(database)]
    for thread in threads:
        thread.shut()
    for thread in threads:
        thread.join(timeout=1.0)


def _start_over() -> None:
    """Forget the parent process's databases: SQLite forbids the child to use or close them."""
    global _guard
    _guard = threading.RLock()
    _of_parents.extend(_users)
    _users.clear()
    _open.clear()


in_child(_start_over)
