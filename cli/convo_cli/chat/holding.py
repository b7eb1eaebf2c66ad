"""Holds a turn in the database while it is answered, so that nothing of it can be lost.

The question is on the disk before the model is asked, and of the answer what arrived until about
a second ago. A database that cannot be written to does not keep the answer from its reader.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from convo.errors import ConvoError, DatabaseError
from convo.held import AskedTurn, End
from convo.records import StoredTurn, TurnPlace
from convo.store import ConversationStore
from convo_cli.agent.choice import Event, TextDelta, TurnOutcome
from convo_cli.chat.signals import StoppedError
from convo_cli.terminal import OutputError

_INTERVAL = 1.0
"""Seconds between two savings of what has arrived."""


class Holding:
    """One turn, held from `begin` until it is stored. `say` tells the user of trouble with that."""

    def __init__(self, store: ConversationStore, say: Callable[[str], None]) -> None:
        self._store = store
        self._say = say
        self._pieces: list[str] = []
        self._saved = 0
        self._saving: asyncio.Task[None] | None = None
        self.held_id: int | None = None

    async def begin(self, asked: AskedTurn) -> None:
        """Hold the turn; afterwards the model may be asked."""
        try:
            self.held_id = await self._store.hold_turn(asked)
        except DatabaseError as error:
            self._say(f"this turn could not be kept for a retry: {error}")

    def take(self, event: Event) -> None:
        """Keep what arrives of the answer."""
        if isinstance(event, TextDelta) and self.held_id is not None:
            self._pieces.append(event.text)
            if self._saving is None:
                self._saving = asyncio.create_task(self._save_now_and_then(self.held_id))

    @asynccontextmanager
    async def until_answered(self) -> AsyncIterator[None]:
        """Keep how it ended if the block does not get to its end."""
        try:
            yield
        except (StoppedError, asyncio.CancelledError, OutputError):
            # A terminal that is closed may be noticed before the signal that says so.
            await self._end("stopped", None)
            raise
        except Exception as error:
            foreseen = isinstance(error, ConvoError)
            await self._end("failed", str(error) if foreseen else type(error).__name__)
            raise

    async def store(self, place: TurnPlace, outcome: TurnOutcome) -> StoredTurn:
        """Store the turn, which is held no longer then; one that cannot be stored is held on."""
        await self._stop_saving()
        try:
            return await self._store.store_turn(
                place, outcome.items, outcome.run, held_id=self.held_id
            )
        except ConvoError as error:
            await self._end("not stored", str(error))
            raise

    async def _end(self, state: End, message: str | None) -> None:
        await self._stop_saving()
        if self.held_id is None:
            return
        try:
            await self._store.end_held(self.held_id, state, "".join(self._pieces), message=message)
        except DatabaseError as error:
            self._say(f"the end of this turn could not be kept: {error}")

    async def _save_now_and_then(self, held_id: int) -> None:
        try:
            while True:
                if self._saved < len(self._pieces):
                    self._saved = len(self._pieces)
                    await self._store.save_answer(held_id, "".join(self._pieces))
                await asyncio.sleep(_INTERVAL)
        except DatabaseError as error:
            self._say(f"what arrives is not kept for a retry: {error}")

    async def _stop_saving(self) -> None:
        if self._saving is not None:
            self._saving.cancel()
            with suppress(asyncio.CancelledError):
                await self._saving
            self._saving = None
