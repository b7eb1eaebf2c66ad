"""Reports turns that others add to the session of a chat."""

import asyncio
from collections.abc import Awaitable, Callable

from convo.errors import ConvoError
from convo.records import LandedTurn
from convo_cli.chat.position import Position
from convo_cli.render.listings import preview

_INTERVAL = 2.0
"""Seconds between two checks while the prompt is shown."""


class Landings:
    """Watches for turns of a chat's session that the chat itself has not stored."""

    def __init__(self, position: Position) -> None:
        self._position = position
        self._session: str | None = None
        self._newest: int | None = None

    async def look(self) -> list[str]:
        """A line for each turn added since the last call; the first call returns none."""
        position = self._position
        if not position.begun:
            return []
        session = position.require_session()
        if session != self._session:
            self._session, self._newest = session, None
        newest, turns = await position.store.landed(session, self._newest)
        # Turns that are undone and restored keep their numbers, and are not reported again.
        self._newest = max(newest, self._newest or 0)
        others = [turn for turn in turns if not position.is_own(turn)]
        return [self._said(turn) for turn in others]

    async def watch(self, tell: Callable[[list[str]], Awaitable[None]]) -> None:
        """Check at intervals, and pass new lines to `tell`, until cancelled."""
        while True:
            try:
                lines = await self.look()
            except ConvoError:
                # The next command or turn reports what is wrong with the database.
                lines = []
            if lines:
                await tell(lines)
            await asyncio.sleep(_INTERVAL)

    def _said(self, turn: LandedTurn) -> str:
        there = "here" if turn.branch_id == self._position.branch else f"on '{turn.branch_id}'"
        other = self._position.other
        return f"{other} has added turn {turn.turn} {there}: {preview(turn.text)}"
