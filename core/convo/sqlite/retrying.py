"""Run a transaction: retry it while the database is locked, or if text is not UTF-8."""

import random
import sqlite3
import time
from collections.abc import Callable
from typing import Literal, TypeVar

from convo.sqlite.errors import is_busy, is_undecodable, translated
from convo.storage.forking import gate
from convo.storage.pending_result import Withdrawn

T = TypeVar("T")

Begin = Literal["BEGIN", "BEGIN IMMEDIATE"]
End = Literal["COMMIT", "ROLLBACK"]

_FIRST_PAUSE, _LONGEST_PAUSE = 0.001, 0.05

LONGEST_WRITE = 300.0
"""Seconds after which a write is interrupted: a trigger in the file may never end."""

_STEPS_BETWEEN_LOOKS = 1_000_000
"""SQLite instructions between two checks of the clock: some tens of milliseconds."""


def retry_while_busy(
    path: str,
    timeout: float,
    attempt: Callable[[], T],
    *,
    begun: float | None = None,
    is_wanted: Callable[[], bool],
) -> T:
    """Retry while another connection holds a lock, until the time is up; then raise the error.

    The time runs from now, or from `begun`, a time of `time.monotonic`. Raises `Withdrawn` between
    two attempts if `is_wanted` returns False.
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
        # The jitter keeps waiting processes from colliding again and again.
        time.sleep(pause * random.uniform(0.5, 1.5))
        pause = min(pause * 2, _LONGEST_PAUSE)


def in_transaction(
    begin: Begin, connection: sqlite3.Connection, work: Callable[[], T], end: End = "COMMIT"
) -> T:
    """Run `work` in a transaction, and once more if it read text that is not UTF-8."""
    try:
        return _once(begin, connection, work, end)
    except sqlite3.OperationalError as error:
        if not is_undecodable(error) or connection.text_factory is not str:
            raise
    # Only files with such text pay for lenient decoding.
    connection.text_factory = _leniently_decoded
    return _once(begin, connection, work, end)


def _once(begin: Begin, connection: sqlite3.Connection, work: Callable[[], T], end: End) -> T:
    connection.execute(begin)
    if begin == "BEGIN":
        # A read is interrupted when its caller is cancelled.
        return _ended(connection, work, end)
    # A write is not, once it has begun.
    until = time.monotonic() + LONGEST_WRITE
    connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS_BETWEEN_LOOKS)
    try:
        return _ended(connection, work, end)
    finally:
        connection.set_progress_handler(None, 0)


def _ended(connection: sqlite3.Connection, work: Callable[[], T], end: End) -> T:
    try:
        result = work()
        connection.execute(end)
    except BaseException:
        # The rollback takes as long as it takes.
        connection.set_progress_handler(None, 0)
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result


def _leniently_decoded(text: bytes) -> str:
    return text.decode("utf-8", "replace")
