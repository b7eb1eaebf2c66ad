"""Ask servers to abort statements, on a thread: each request takes a connection of its own."""

import threading
from collections.abc import Callable
from contextlib import suppress

from convo.storage.forking import in_child

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
