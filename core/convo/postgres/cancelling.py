"""Ask servers to abort statements, on a thread: each request takes a connection of its own."""

import selectors
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from convo.storage.forking import in_child

if TYPE_CHECKING:
    from psycopg.pq.abc import PGcancelConn

PATIENCE = 10.0
"""Seconds that a server may take to note such a request."""

_guard = threading.Lock()
_waiting: list[Callable[[], None]] = []
_is_running = False


def request(cancel: Callable[[], None]) -> None:
    """Have a request sent; returns at once."""
    global _is_running
    with _guard:
        _waiting.append(cancel)
        if not _is_running:
            _is_running = True
            threading.Thread(target=_send_all, name="convo-postgres-cancel", daemon=True).start()


def cancellation(driver: Any, connection: Any) -> Callable[[], None]:
    """A function for another thread, which aborts the statement that runs on a connection.

    The older way of libpq waits for the server while nothing else of the process can run.
    """
    if driver.capabilities.has_cancel_safe():
        return partial(_abort, driver.pq.PollingStatus, connection.pgconn.cancel_conn())
    older: Callable[[], None] = connection.pgconn.get_cancel().cancel
    return older


def _abort(status: Any, request: "PGcancelConn") -> None:
    deadline = time.monotonic() + PATIENCE
    request.start()
    try:
        while (found := request.poll()) in (status.READING, status.WRITING):
            if time.monotonic() > deadline:
                return
            reads = found == status.READING
            with selectors.DefaultSelector() as selector:
                event = selectors.EVENT_READ if reads else selectors.EVENT_WRITE
                selector.register(request.socket, event)
                selector.select(max(0.0, deadline - time.monotonic()))
    finally:
        request.finish()


def _send_all() -> None:
    global _is_running
    while True:
        with _guard:
            if not _waiting:
                _is_running = False
                return
            cancel = _waiting.pop(0)
        # A server that cannot be reached aborts nothing.
        with suppress(Exception):
            cancel()


def _start_over() -> None:
    global _guard, _is_running
    _guard = threading.Lock()
    _waiting.clear()
    _is_running = False


in_child(_start_over)
