"""Gates that keep everybody from asking a server that has told one of them to wait.

After a wait, those who have waited do not all ask in the same moment: they pass one after the
other, for as long as somebody waits. If one of them is told to wait again, the rest wait with it,
without having asked in vain.
"""

import asyncio
import random
from collections.abc import Callable
from contextvars import ContextVar

Told = Callable[[str, str, float], None]
"""Called with a server, a model or "" for all of them, and the seconds for which nobody asks."""

_SPREAD = 16
"""After a wait, a sixteenth of it lies between two prompts."""

_LONGEST_GAP = 1.0


class Gate:
    """Keeps prompts waiting for as long as a server or a model wants."""

    def __init__(self) -> None:
        self._until = 0.0
        self._next = 0.0
        self._gap = 0.0
        self._waiting = 0
        self._first = asyncio.Lock()

    @property
    def left(self) -> float:
        """The seconds for which nobody passes now."""
        return max(self._until - _now(), 0.0)

    async def wait(self) -> None:
        """Wait until the caller may ask."""
        if not self._waiting and not self.left:
            return
        self._waiting += 1
        try:
            async with self._first:
                # The wait may be prolonged.
                while (left := max(self._until, self._next) - _now()) > 0:  # noqa: ASYNC110
                    await asyncio.sleep(left)
                if self._waiting > 1:
                    self._next = _now() + self._gap * random.uniform(0.5, 1.5)
        finally:
            self._waiting -= 1

    def close(self, seconds: float) -> bool:
        """Let nobody pass for so many seconds; False if it was closed for that long already."""
        until = _now() + seconds
        if until <= self._until:
            return False
        self._until = until
        self._gap = min(seconds / _SPREAD, _LONGEST_GAP)
        return True


class Gates:
    """The gates of all servers, and of their models; `told` is called whenever one is closed."""

    def __init__(self, told: Told = lambda server, model, seconds: None) -> None:
        self._told = told
        self._gates: dict[tuple[str, str], Gate] = {}

    def left(self, server: str, model: str) -> float:
        """The seconds for which nobody asks this model of the server."""
        return max(self._of(server).left, self._of(server, model).left)

    async def wait(self, server: str, model: str) -> None:
        """Wait until the model of the server may be asked."""
        if model:
            await self._of(server, model).wait()
        await self._of(server).wait()

    def close(self, server: str, model: str, seconds: float, *, tries: int) -> None:
        """Let nobody ask for so many seconds, after so many tries before this one.

        At first nobody asks the server. If the same prompt is limited again, although the others
        have waited too, the limit may be that of its model: only those who ask it wait longer.
        """
        if tries == 0:
            model = ""
        if self._of(server, model).close(seconds):
            self._told(server, model, seconds)

    def _of(self, server: str, model: str = "") -> Gate:
        return self._gates.setdefault((server, model), Gate())


GATES: ContextVar[Gates | None] = ContextVar("convo_gates", default=None)
"""The gates that apply to what runs here; None outside of trials, where nobody shares a server."""


def _now() -> float:
    return asyncio.get_running_loop().time()
