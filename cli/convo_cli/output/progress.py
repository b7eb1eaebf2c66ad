"""How far an index has got: a line on stderr while somebody waits for it, gone at the end."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from convo.storage.search_index import Progress
from convo_cli.terminal import Terminal

_PATIENCE = 1.0
"""Seconds that work may take without a word."""


class Indexing:
    """Shows on a terminal how much of the messages a search has entered into its index.

    Called with each step; the line goes with the `with` block, however that ends.
    """

    def __init__(self, terminal: Terminal, clock: Callable[[], float] = time.monotonic) -> None:
        self._terminal = terminal
        self._clock = clock
        self._begun = clock()
        self._is_shown = False

    def __enter__(self) -> Self:
        return self

    def __call__(self, at: Progress) -> None:
        """Show how far the index goes, unless the work is about to end or has only begun."""
        if at.done < at.total and self._clock() - self._begun >= _PATIENCE:
            percent = 100 * at.done // at.total
            self._terminal.status(
                f"indexing for this and later searches: {percent} %; Ctrl-C keeps what is done"
            )
            self._is_shown = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._is_shown:
            self._terminal.status("")
