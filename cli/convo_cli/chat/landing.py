"""Tells of turns that others add to the session of a chat, as they land."""

import asyncio
from collections.abc import Awaitable, Callable

from convo.errors import ConvoError
from convo.records import LandedTurn
from convo_cli.chat.position import Position
from convo_cli.render.listings import preview

_INTERVAL = 2.0
"""Seconds between two looks while the prompt is shown."""


class Landings:
    """The turns of a chat's session that the chat itself has not stored."""

    def __init__(self, position: Position) -> None:
        self._position = position
        self._session: str | None = None
        self._newest: int | None = None

    async def look(self) -> list[str]:
        """A line for each turn that has landed since the last look; at the first there is none."""
        position = self._position
        if not position.begun:
            return []
        session = position.require_session()
        if session != self._session:
            self._session, self._newest = session, None
        newest, turns = await position.store.landed(session, self._newest)
        # What is taken back and restored has its old numbers: it has not landed again.
        self._newest = max(newest, self._newest or 0)
        others = [turn for turn in turns if not position.is_own(turn)]
        return [self._said(turn) for turn in others]

    async def watch(self, tell: Callable[[list[str]], Awaitable[None]]) -> None:
        """Look now and then, and tell what has landed, until cancelled."""
        while True:
            try:
                lines = await self.look()
            except ConvoError:
                # What is wrong with the database is said where it is in the way.
                lines = []
            if lines:
                await tell(lines)
            await asyncio.sleep(_INTERVAL)

    def _said(self, turn: LandedTurn) -> str:
        there = "here" if turn.branch_id == self._position.branch else f"on '{turn.branch_id}'"
        return f"another shell has added turn {turn.turn} {there}: {preview(turn.text)}"
