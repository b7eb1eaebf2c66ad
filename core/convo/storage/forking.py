"""What a fork must not meet: a thread in the middle of SQLite.

The child of a fork has only the thread that forked. A lock inside SQLite that another thread held
at that moment would be held in the child for ever, so a fork waits until no thread is at work in
SQLite. What the parent had open is out of bounds for the child: it opens its own.
"""

import os
import threading
from collections.abc import Callable

_PATIENCE = 5.0
"""Seconds that a fork waits for work that is under way; it is a transaction at most."""


class ForkGate:
    """Counts the threads that are at work, and lets a fork wait until there is none."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Start over, as in a child, where nobody else is."""
        self._changed = threading.Condition(threading.Lock())
        self._working: dict[int, int] = {}
        self._is_forking = False

    def working(self) -> "ForkGate":
        """Be at work for the time of a `with` block; begins when no fork is going on."""
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
            # In the child of a fork nobody is known to be at work.
            self._working.pop(me, None)
            if self._is_forking:
                self._changed.notify_all()

    def close(self) -> None:
        """Wait until every other thread has finished what it is doing, and let none begin."""
        me = threading.get_ident()
        with self._changed:
            self._is_forking = True
            self._changed.wait_for(lambda: self._working.keys() <= {me}, _PATIENCE)

    def open(self) -> None:
        """Let the others go on."""
        with self._changed:
            self._is_forking = False
            self._changed.notify_all()


gate = ForkGate()


def in_child(forget: Callable[[], None]) -> None:
    """Have `forget` called in every child of a fork, before anything else happens there."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=forget)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=gate.close, after_in_parent=gate.open, after_in_child=gate.renew)
