"""What is drawn again at intervals while a trial runs, and makes room for a question."""

import asyncio
from abc import ABC, abstractmethod
from contextlib import suppress

from convo_cli.ask.screens.region import Region


class Drawn(ABC):
    """A region that is drawn every `interval` seconds, unless somebody is asked a question."""

    def __init__(self, region: Region, interval: float) -> None:
        self._region = region
        self._interval = interval
        self._paused = 0
        self._drawing: asyncio.Task[None] | None = None
        self.alone = asyncio.Lock()
        """Held while the user is asked something."""

    @abstractmethod
    def _draw(self) -> None:
        """Draw what there is now."""

    def pause(self) -> None:
        """Take the region away, while somebody is asked a question."""
        self._paused += 1
        self._region.close()

    def resume(self) -> None:
        """Draw it again."""
        self._paused -= 1

    def _begin_drawing(self) -> None:
        self._drawing = asyncio.create_task(self._draw_now_and_then())

    async def _end_drawing(self) -> None:
        if self._drawing is not None:
            self._drawing.cancel()
            with suppress(asyncio.CancelledError):
                await self._drawing

    async def _draw_now_and_then(self) -> None:
        while True:
            if not self._paused:
                self._draw()
            await asyncio.sleep(self._interval)
