"""Turns that are being answered, or should have been: held, found again, let go."""

from collections.abc import Callable
from typing import TypeVar

from convo import held
from convo.held import AskedTurn, End, HeldTurn
from convo.processes import Process
from convo.store.opened import OpenedStore
from convo.transaction import Transaction

T = TypeVar("T")

_PATIENCE = 3.0
"""Seconds that holding a turn may wait for a lock: the answer does not wait for it."""


class Held(OpenedStore):
    """What a store keeps of turns that are in no history."""

    async def hold_turn(self, asked: AskedTurn) -> int:
        """Hold a turn that this process is about to ask; return its id. It is on the disk then."""
        process = Process.current()
        return await self._write_soon(lambda tx: held.hold(tx, asked, process))

    async def save_answer(self, held_id: int, answer: str) -> None:
        """Keep what has arrived of the answer to a held turn."""
        await self._write_soon(lambda tx: held.save(tx, held_id, answer))

    async def end_held(
        self, held_id: int, state: End, answer: str, *, message: str | None = None
    ) -> None:
        """Keep how a held turn ended that could not be stored, and what had arrived by then."""
        await self._write_soon(lambda tx: held.end(tx, held_id, state, message, answer))

    async def held_turn(self, held_id: int) -> HeldTurn | None:
        """A held turn by its id; None where it is no longer held."""
        return await self._look(lambda tx: held.found(tx, held_id))

    async def failed_turn(
        self, session_id: str | None, branch_id: str, *, or_new: bool = False
    ) -> HeldTurn | None:
        """The turn that was asked last on a branch and is not stored, though none was since.

        One that another process is answering counts too: its state is `running`. With
        `session_id` None, or with `or_new` where it is newer, the one that should have begun a
        session.
        """

        def find(tx: Transaction) -> HeldTurn | None:
            found = [] if session_id is None else [held.of_branch(tx, session_id, branch_id)]
            if session_id is None or or_new:
                found.append(held.of_new_sessions(tx))
            newest = [turn for turns in found if (turn := next(turns, None)) is not None]
            return max(newest, key=lambda turn: turn.held_id, default=None)

        return await self._read(find, session_id)

    async def _write_soon(self, work: Callable[[Transaction], T]) -> T:
        patience = min(self._access.lock_timeout, _PATIENCE)
        return await self._opened().write(self._access._replace(lock_timeout=patience), work)
