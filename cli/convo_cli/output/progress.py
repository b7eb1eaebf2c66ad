"""Shows the progress of indexing in a line on stderr, which is removed at the end."""

import time
from collections.abc import Callable
from typing import Self

from convo.storage.search_index import Progress
from convo_cli.terminal import Terminal

_PATIENCE = 1.0
"""Seconds of work before the line is shown."""


class Indexing:
    """Shows on a terminal how many of the messages a search has indexed.

    Call it with each step. The line is removed at the end of the `with` block.
    """

    def __init__(self, terminal: Terminal, clock: Callable[[], float] = time.monotonic) -> None:
        self._terminal = terminal
        self._clock = clock
        self._begun = clock()
        self._is_shown = False

    def __enter__(self) -> Self:
        return self

    def __call__(self, at: Progress) -> None:
        """Show the progress, unless the work has just begun or is about to end."""
        if at.done < at.total and self._clock() - self._begun >= _PATIENCE:
            percent = 100 * at.done // at.total
            self._terminal.status(
                f"indexing for this and later searches: {percent} %; Ctrl-C keeps what is done"
            )
            self._is_shown = True

    def __exit__(self, *_: object) -> None:
        if self._is_shown:
            self._terminal.status("")
