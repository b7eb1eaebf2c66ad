"""Gates that keep everybody from asking a server that has told one of them to wait."""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar

Told = Callable[[str, float], None]
"""Called with a server, and the seconds for which nobody asks it."""


class Gate:
    """One server, which is not asked before the end of the wait that it wanted."""

    def __init__(self, server: str, told: Told) -> None:
        self.server = server
        self._told = told
        self._until = 0.0

    @property
    def left(self) -> float:
        """The seconds for which nobody asks the server now."""
        return max(self._until - _now(), 0.0)

    async def wait(self) -> None:
        """Wait until the server may be asked, even if the wait is prolonged."""
        while left := self.left:  # noqa: ASYNC110  it may be prolonged
            await asyncio.sleep(left)

    def close(self, seconds: float) -> None:
        """Let nobody ask the server for so many seconds, or for longer if that was said before."""
        until = _now() + seconds
        if until > self._until:
            self._until = until
            self._told(self.server, seconds)


class Gates:
    """The gates of all servers; `told` is called whenever one is closed."""

    def __init__(self, told: Told = lambda server, seconds: None) -> None:
        self._told = told
        self._gates: dict[str, Gate] = {}

    def of(self, server: str) -> Gate:
        """The gate of a server."""
        if server not in self._gates:
            self._gates[server] = Gate(server, self._told)
        return self._gates[server]


GATES: ContextVar[Gates | None] = ContextVar("convo_gates", default=None)
"""The gates that apply to what runs here; None outside of trials, where nobody shares a server."""


def _now() -> float:
    return asyncio.get_running_loop().time()
