"""Running a transaction: until no lock is in the way, and past what SQLite cannot decode."""

import random
import sqlite3
import time
from collections.abc import Callable
from typing import Literal, TypeVar

from convo.sqlite.errors import is_busy, is_undecodable, translated
from convo.sqlite.pending_result import Withdrawn
from convo.storage.forking import gate

T = TypeVar("T")

Begin = Literal["BEGIN", "BEGIN IMMEDIATE"]
End = Literal["COMMIT", "ROLLBACK"]

_FIRST_PAUSE, _LONGEST_PAUSE = 0.001, 0.05

LONGEST_WRITE = 300.0
"""Seconds after which SQLite is stopped in a write: a trigger of the file may have no end."""

_STEPS_BETWEEN_LOOKS = 1_000_000
"""Steps of SQLite's machine between two looks at the clock: some tens of milliseconds."""


def retry_while_busy(
    path: str,
    timeout: float,
    attempt: Callable[[], T],
    *,
    begun: float | None = None,
    is_wanted: Callable[[], bool],
) -> T:
    """Try until no other connection is in the way or the time is up; then say what is wrong.

    The time runs from now, or from when it was `begun`, in the time of `time.monotonic`. Raises
    `Withdrawn` between two attempts once the work `is_wanted` by nobody any more.
    """
    deadline = (time.monotonic() if begun is None else begun) + timeout
    pause = _FIRST_PAUSE
    while True:
        if not is_wanted():
            raise Withdrawn
        try:
            with gate.working():
                return attempt()
        except sqlite3.Error as error:
            if not is_busy(error) or time.monotonic() >= deadline:
                raise translated(error, path, timeout) or error from error
        # The jitter keeps waiting processes from meeting again and again.
        time.sleep(pause * random.uniform(0.5, 1.5))
        pause = min(pause * 2, _LONGEST_PAUSE)


def in_transaction(
    begin: Begin, connection: sqlite3.Connection, work: Callable[[], T], end: End = "COMMIT"
) -> T:
    """Run `work` in a transaction, a second time if it met text that is no UTF-8."""
    try:
        return _once(begin, connection, work, end)
    except sqlite3.OperationalError as error:
        if not is_undecodable(error) or connection.text_factory is not str:
            raise
    # Only a file that has such text pays for reading it.
    connection.text_factory = _leniently_decoded
    return _once(begin, connection, work, end)


def _once(begin: Begin, connection: sqlite3.Connection, work: Callable[[], T], end: End) -> T:
    connection.execute(begin)
    if begin == "BEGIN IMMEDIATE":
        # A read ends when its caller is cancelled; a write is not given up once it has begun.
        until = time.monotonic() + LONGEST_WRITE
        connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS_BETWEEN_LOOKS)
    try:
        result = work()
        connection.execute(end)
    except BaseException:
        connection.set_progress_handler(None, 0)
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.set_progress_handler(None, 0)
    return result


def _leniently_decoded(text: bytes) -> str:
    return text.decode("utf-8", "replace")
