"""Keep a process from forking while a thread is inside SQLite.

The child of a fork has only the thread that forked. A lock inside SQLite that another thread held
at that moment would be held in the child for ever, so a fork waits until no thread is inside
SQLite. The child must not use the parent's connections: it opens its own.
"""

import os
import threading
from collections.abc import Callable

_PATIENCE = 5.0
"""Seconds that a fork waits for running work, which is one transaction at most."""


class ForkGate:
    """Counts the threads at work, and lets a fork wait until there are none."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Start over in the child, which has no other threads."""
        self._changed = threading.Condition(threading.Lock())
        self._working: dict[int, int] = {}
        self._is_forking = False

    def working(self) -> "ForkGate":
        """Count as at work inside a `with` block; waits for a fork in progress first."""
        return self

    def __enter__(self) -> None:
        me = threading.get_ident()
        if me in self._working:
            # A fork waits for this thread to finish, so this thread must not wait for it.
            self._working[me] += 1
            return
        with self._changed:
            if self._is_forking:
                self._changed.wait_for(lambda: not self._is_forking, _PATIENCE)
            self._working[me] = 1

    def __exit__(self, *_: object) -> None:
        me = threading.get_ident()
        if self._working.get(me, 0) > 1:
            self._working[me] -= 1
            return
        with self._changed:
            # In the child of a fork, the counts start over.
            self._working.pop(me, None)
            if self._is_forking:
                self._changed.notify_all()

    def close(self) -> None:
        """Wait until no other thread is at work, and let none begin."""
        me = threading.get_ident()
        with self._changed:
            self._is_forking = True
            self._changed.wait_for(lambda: self._working.keys() <= {me}, _PATIENCE)

    def open(self) -> None:
        """Let the other threads continue."""
        with self._changed:
            self._is_forking = False
            self._changed.notify_all()


gate = ForkGate()


def in_child(forget: Callable[[], None]) -> None:
    """Register `forget` to be called first in every child of a fork."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=forget)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=gate.close, after_in_parent=gate.open, after_in_child=gate.renew)
