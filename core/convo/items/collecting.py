"""Python's cycle collector, held still while very many objects are made.

It looks through all objects of the process again and again while a long conversation is read, to
find no garbage: with the Agents SDK loaded that takes longer than the reading.
"""

import gc
import threading
from types import TracebackType

from convo.storage.forking import in_child


class Stillness:
    """Switches the collector off while at least one thread is inside, if it was on before."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._inside = 0
        self._was_on = False

    def __enter__(self) -> None:
        with self._guard:
            if self._inside == 0:
                self._was_on = gc.isenabled()
                gc.disable()
            self._inside += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._guard:
            self._inside -= 1
            if self._inside == 0 and self._was_on:
                gc.enable()

    def renew(self) -> None:
        """Start over, as in the child of a fork, where nobody is inside."""
        was_still = self._inside > 0 and self._was_on
        self._guard, self._inside = threading.Lock(), 0
        if was_still:
            gc.enable()


still = Stillness()
in_child(still.renew)
