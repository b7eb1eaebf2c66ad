"""Pending turns, which are being answered or should have been: begun, found again, dropped."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from convo.pending import holding, pending
from convo.pending.holding import End
from convo.pending.pending import AskedTurn, PendingTurn, Progress
from convo.pending.processes import Process
from convo.storage.transaction import Transaction
from convo.store.base import OpenedStore

T = TypeVar("T")

_PATIENCE = 3.0
"""Seconds that what arrives may wait for a lock: the answer does not wait for it."""


class Pending(OpenedStore):
    """What a store keeps of turns that are in no history."""

    async def begin_turn(self, asked: AskedTurn) -> int:
        """Hold a turn that this process is about to ask; return its id. It is on the disk then."""
        process = Process.current()
        return await self._write(asked.session_id, lambda tx: holding.hold(tx, asked, process))

    async def save_answer(self, session_id: str | None, pending_id: int, answer: str) -> None:
        """Keep what has arrived of the message that the model is writing.

        `session_id` is the one that the turn was asked with, here and below.
        """
        await self._write_soon(session_id, lambda tx: holding.save_answer(tx, pending_id, answer))

    async def save_progress(
        self, session_id: str | None, pending_id: int, progress: Progress
    ) -> None:
        """Keep how far a pending turn has come, and what that cost. It is on the disk then."""
        await self._write_soon(session_id, lambda tx: holding.save(tx, pending_id, progress))

    async def end_pending(
        self,
        session_id: str | None,
        pending_id: int,
        state: End,
        progress: Progress,
        *,
        message: str | None = None,
    ) -> None:
        """Keep how a pending turn ended that could not be stored, how far it came, and its cost."""
        await self._write_soon(
            session_id, lambda tx: holding.end(tx, pending_id, state, message, progress)
        )

    async def waiting_turn(self, number: int) -> PendingTurn:
        """The last try of a question, by its number or any try. Raises `NotWaitingError`."""
        return await self._look(lambda tx: pending.require(tx, number))

    async def waiting_turns(self) -> list[PendingTurn]:
        """Every question that is in no history, in the order in which they were asked first.

        Those that a process is answering are among them: their state is `running`.
        """
        return await self._look(lambda tx: list(pending.waiting(tx)))

    async def count_waiting(self) -> int:
        """How many questions wait to be asked again; those that are being answered do not."""
        return await self._look(pending.count)

    async def failed_turn(
        self, session_id: str | None, branch_id: str, *, or_new: bool = False
    ) -> PendingTurn | None:
        """The turn that was asked last of those of a branch that are not stored.

        One that another process is answering counts too: its state is `running`. With
        `session_id` None, or with `or_new` where it is newer, the one that should have begun a
        session.
        """

        def find(tx: Transaction) -> PendingTurn | None:
            found = [] if session_id is None else [pending.of_branch(tx, session_id, branch_id)]
            if session_id is None or or_new:
                found.append(pending.of_new_sessions(tx))
            newest = [turn for turns in found if (turn := next(turns, None)) is not None]
            return max(newest, key=lambda turn: turn.pending_id, default=None)

        return await self._look(find)

    async def drop_pending(self, numbers: Sequence[int] | None) -> list[PendingTurn]:
        """Drop questions, all or none; every one that nobody is answering where `numbers` is None.

        Returns what was dropped. Raises `NotWaitingError` and `ConflictError`.
        """
        return await self._write(None, lambda tx: holding.drop(tx, numbers))

    async def _write_soon(self, session_id: str | None, work: Callable[[Transaction], T]) -> T:
        return await self._write(session_id, work, patience=_PATIENCE)
