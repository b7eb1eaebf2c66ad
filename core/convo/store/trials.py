"""The store's methods for trials: branches made aside, and the one that a session goes on with."""

from convo.branches import branches, heads
from convo.history import turns
from convo.pending import pending
from convo.records import MAIN
from convo.storage.transaction import Transaction
from convo.store import lookup
from convo.store.base import OpenedStore
from convo.structure import adoption, numbering


class Trials(OpenedStore):
    """Make branches for trials and drop those that stayed empty; go on with one of them."""

    async def branch_at_end(self, session_id: str, source: str, *, stem: str) -> str:
        """Make a branch with everything that is on another, even without turns; return its name.

        The name is made from `stem`. The head does not move.
        """

        def create(tx: Transaction) -> str:
            adoption.adopt(tx, session_id)
            lookup.require_branch(tx, session_id, source)
            return branches.create_at_end(tx, session_id, source, stem)

        return await self._write(session_id, create)

    async def drop_empty_branch(self, session_id: str, branch_id: str, turn: int) -> bool:
        """Delete a branch that has no turn from `turn` on, for good; return whether it did.

        A branch that is current stays, as one does on which a pending turn was asked.
        """

        def drop(tx: Transaction) -> bool:
            if not branches.exists(tx, session_id, branch_id):
                return False
            numbers = numbering.number_range(tx, session_id, branch_id)
            is_used = heads.of_session(tx, session_id).branch_id == branch_id or branch_id == MAIN
            waits = next(pending.of_branch(tx, session_id, branch_id), None)
            if is_used or waits is not None or (numbers is not None and numbers[1] >= turn):
                return False
            branches.delete(tx, session_id, branch_id)
            return True

        return await self._write(session_id, drop)

    async def go_on_with(self, session_id: str, branch_id: str, *, expected: str) -> None:
        """Move the session's head to a branch, and the session to the model that answered there.

        `expected` is the branch of the head now. Raises `HeadMovedError`.
        """

        def move(tx: Transaction) -> None:
            lookup.require_branch(tx, session_id, branch_id)
            if branch_id != expected:
                heads.move(tx, session_id, branch_id, expected=expected)
            numbers = numbering.number_range(tx, session_id, branch_id)
            if numbers is None:
                return
            last = turns.last_run(tx, session_id, branch_id, numbers[1])
            if last.model is not None:
                tx.execute(
                    "choose_session_model",
                    session_id=session_id,
                    model=last.model,
                    base_url=last.base_url,
                    agent=last.asked_agent,
                )

        await self._write(session_id, move)
