"""Keeps a turn pending in the database while it is answered, so that nothing of it is lost.

The question is on disk before the model is asked. Tool calls and their outputs are written as they
happen, and the text of the answer about once a second. A turn that cannot be recorded as pending
is not asked: its answer would be paid for and lost.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from convo.errors import ConvoError, DatabaseError
from convo.items.encoding import Item, texts_of
from convo.pending.holding import End
from convo.pending.pending import AskedTurn, Progress
from convo.pending.unfinished import said_of
from convo.records import StoredTurn, TurnPlace
from convo.store import ConversationStore
from convo_cli.ask.signals import StoppedError, stoppable
from convo_cli.terminal import OutputError
from convo_cli.turn.choice import TurnOutcome
from convo_cli.turn.errors import AnswerFormError
from convo_cli.turn.events import Event, TextDelta

_INTERVAL = 1.0
"""Seconds between two writes of the answer so far."""

_LAST = 1.0
"""The longest that recording how a turn was stopped may take, in seconds."""


class Pending:
    """One turn, pending from `begin` until it is stored. `say` warns the user of failed writes."""

    def __init__(self, store: ConversationStore, say: Callable[[str], None]) -> None:
        self._store = store
        self._say = say
        self._pieces: list[str] = []
        self._saved = 0
        self._saving: asyncio.Task[None] | None = None
        self._progress = Progress()
        self._gone_on_from = 0
        self._session_id: str | None = None
        self.pending_id: int | None = None

    async def begin(self, asked: AskedTurn, reached: Progress) -> None:
        """Record the turn as pending; it continues from what an earlier run had `reached`.

        Raises `DatabaseError`; the model must not be asked then.
        """
        self._progress, self._gone_on_from = reached, len(reached.items)
        self._session_id = asked.session_id
        self.pending_id = await self._store.begin_turn(asked)

    @property
    def has_arrived(self) -> bool:
        """Whether a part of the answer is recorded that can be kept as a turn."""
        reached = self._progress
        return bool(self._pieces or said_of(reached.items, set(reached.running)))

    def take(self, event: Event) -> None:
        """Record the next piece of the answer."""
        if isinstance(event, TextDelta) and self.pending_id is not None:
            self._pieces.append(event.text)
            if self._saving is None:
                self._saving = asyncio.create_task(self._save_now_and_then(self.pending_id))

    async def keep(self, progress: Progress) -> None:
        """Write the progress of the turn to disk; if the database fails, warn the user."""
        self._progress = progress
        if self.pending_id is None:
            return
        try:
            await self._store.save_progress(self._session_id, self.pending_id, self._reached())
        except DatabaseError as error:
            self._say(f"what has been done is not kept for a retry: {error}")

    @asynccontextmanager
    async def until_answered(self) -> AsyncIterator[None]:
        """Record why the turn ended if the block raises."""
        try:
            yield
        except (StoppedError, asyncio.CancelledError, OutputError):
            # A write to a closed terminal may fail before SIGHUP arrives.
            await self._end("stopped", None, hasty=True)
            raise
        except AnswerFormError as error:
            await self._end("not stored", str(error))
            raise
        except Exception as error:
            foreseen = isinstance(error, ConvoError)
            await self._end("failed", str(error) if foreseen else type(error).__name__)
            raise

    async def store(
        self, place: TurnPlace, outcome: TurnOutcome, *, keep_session: bool = False
    ) -> StoredTurn:
        """Store the turn, which is then no longer pending. If that fails, it stays pending.

        Ctrl-C ends the wait for another process's lock on the database, with `StoppedError`. Once
        writing has begun, it cannot be interrupted.
        """
        await self._stop_saving()
        stored: list[StoredTurn] = []
        try:
            then = {"keep_session": keep_session, "then": stored.append}
            return await stoppable(self._storing(place, outcome, **then))
        except StoppedError:
            if stored:
                return stored[0]
            await self._end("not stored", "interrupted", hasty=True)
            raise
        except ConvoError as error:
            await self._end("not stored", str(error))
            raise

    async def store_beside(self, place: TurnPlace, outcome: TurnOutcome) -> StoredTurn:
        """The same for a turn beside the one that the user is at: session and model stay.

        Others handle Ctrl-C: a turn that is complete is stored even then.
        """
        await self._stop_saving()
        storing = asyncio.ensure_future(
            self._storing(place, outcome, keep_session=True, keep_model=True)
        )
        try:
            return await asyncio.shield(storing)
        except asyncio.CancelledError:
            await asyncio.wait({storing})
            raise
        except ConvoError as error:
            await self._end("not stored", str(error))
            raise

    def _storing(
        self, place: TurnPlace, outcome: TurnOutcome, **how: Any
    ) -> Coroutine[Any, Any, StoredTurn]:
        return self._store.store_turn(
            place,
            outcome.items,
            outcome.run,
            pending_id=self.pending_id,
            cut="tokens" if outcome.is_cut else None,
            **how,
        )

    def _reached(self) -> Progress:
        """The progress of the turn, including the unfinished message after its items."""
        whole = sum(map(_length, self._progress.items[self._gone_on_from :]))
        return self._progress._replace(answer="".join(self._pieces)[whole:])

    async def _end(self, state: End, message: str | None, *, hasty: bool = False) -> None:
        await self._stop_saving()
        if self.pending_id is None:
            return
        try:
            # Stopping a turn must not wait for another process's lock on the database.
            async with asyncio.timeout(_LAST if hasty else None):
                await self._store.end_pending(
                    self._session_id, self.pending_id, state, self._reached(), message=message
                )
        except TimeoutError:
            self._say("the end of this turn could not be kept: another process holds the database")
        except DatabaseError as error:
            self._say(f"the end of this turn could not be kept: {error}")

    async def _save_now_and_then(self, pending_id: int) -> None:
        try:
            while True:
                if self._saved < len(self._pieces):
                    self._saved = len(self._pieces)
                    answer = self._reached().answer
                    await self._store.save_answer(self._session_id, pending_id, answer)
                await asyncio.sleep(_INTERVAL)
        except DatabaseError as error:
            self._say(f"what arrives is not kept for a retry: {error}")

    async def _stop_saving(self) -> None:
        if self._saving is not None:
            self._saving.cancel()
            with suppress(asyncio.CancelledError):
                await self._saving
            self._saving = None


def _length(item: Item) -> int:
    """The length of a message's text, in characters."""
    said = isinstance(item, dict) and item.get("role") == "assistant"
    return sum(map(len, texts_of(item.get("content")))) if said else 0
