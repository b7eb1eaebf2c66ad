"""The store's methods for pending turns."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from convo.errors import DatabaseError
from convo.pending import holding, pending
from convo.pending.holding import End
from convo.pending.pending import AskedTurn, PendingTurn, Progress
from convo.pending.processes import Process
from convo.storage.transaction import Transaction
from convo.store.base import OpenedStore

T = TypeVar("T")

_PATIENCE = 3.0
"""Seconds to wait for a lock when saving what has arrived; the answer does not wait."""


class Pending(OpenedStore):
    """Begin, save, find and drop pending turns."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._ends: dict[int, tuple[str | None, Callable[[Transaction], None]]] = {}
        """Ends of turns that the database could not take when they ended, such as a server that was
        away. As long as they are not saved, this process seems to be still answering the turns."""

    async def begin_turn(self, asked: AskedTurn) -> int:
        """Record a turn that this process is about to ask, on the disk; return its id."""
        await self._save_ends()
        process = Process.current()
        return await self._write(asked.session_id, lambda tx: holding.hold(tx, asked, process))

    async def save_answer(self, session_id: str | None, pending_id: int, answer: str) -> None:
        """Save what has arrived of the message that the model is writing.

        Here and below, `session_id` is the one that the turn was asked with.
        """
        await self._write_soon(session_id, lambda tx: holding.save_answer(tx, pending_id, answer))

    async def save_progress(
        self, session_id: str | None, pending_id: int, progress: Progress
    ) -> None:
        """Save the progress and cost of a pending turn, on the disk."""
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
        """Save how a pending turn ended that could not be stored, its progress, and its cost."""

        def end(tx: Transaction) -> None:
            holding.end(tx, pending_id, state, message, progress)

        self._ends[pending_id] = session_id, end
        await self._write_soon(session_id, end)
        self._ends.pop(pending_id, None)

    async def waiting_turn(self, number: int) -> PendingTurn:
        """The last try of a question, by its number or any try. Raises `NotWaitingError`."""
        await self._save_ends()
        return await self._look(lambda tx: pending.require(tx, number))

    async def waiting_turns(self) -> list[PendingTurn]:
        """All pending turns, in the order in which they were first asked.

        They include those that a process is answering: their state is `running`.
        """
        await self._save_ends()
        return await self._look(lambda tx: list(pending.waiting(tx)))

    async def count_waiting(self) -> int:
        """The number of pending turns that wait for a retry: all that are not being answered."""
        await self._save_ends()
        return await self._look(pending.count)

    async def failed_turn(
        self, session_id: str | None, branch_id: str, *, or_new: bool = False
    ) -> PendingTurn | None:
        """The last pending turn of a branch.

        It may be one that another process is answering: its state is `running`. With `session_id`
        None, it is the last one that is to begin a session; with `or_new`, the newer of the two.
        """

        def find(tx: Transaction) -> PendingTurn | None:
            found = [] if session_id is None else [pending.of_branch(tx, session_id, branch_id)]
            if session_id is None or or_new:
                found.append(pending.of_new_sessions(tx))
            newest = [turn for turns in found if (turn := next(turns, None)) is not None]
            return max(newest, key=lambda turn: turn.pending_id, default=None)

        await self._save_ends()
        return await self._look(find)

    async def drop_pending(self, numbers: Sequence[int] | None) -> list[PendingTurn]:
        """Drop pending turns, all or none; None stands for all that are not being answered.

        Returns the dropped turns. Raises `NotWaitingError` if one does not exist, and
        `ConflictError` if one is being answered.
        """
        await self._save_ends()
        return await self._write(None, lambda tx: holding.drop(tx, numbers))

    async def _save_ends(self) -> None:
        """Save the ends that could not be saved before."""
        with suppress(DatabaseError):
            for pending_id, (session_id, end) in list(self._ends.items()):
                await self._write_soon(session_id, end)
                self._ends.pop(pending_id, None)

    async def _write_soon(self, session_id: str | None, work: Callable[[Transaction], T]) -> T:
        return await self._write(session_id, work, patience=_PATIENCE)
