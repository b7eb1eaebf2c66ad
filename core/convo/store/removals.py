"""What was taken off a session: taken, listed, brought back, forgotten for good."""

from convo.branches import heads
from convo.errors import CurrentBranchError, InvalidNameError, ProtectedBranchError
from convo.records import MAIN, Restored
from convo.records import Removed as RemovedRecord
from convo.sdk.branches import PROMPTS
from convo.storage.transaction import Transaction
from convo.store import catalog, lookup
from convo.store.base import OpenedStore
from convo.store.search import WORDS
from convo.undo import taking

_INDEXES = (PROMPTS, WORDS)


class Removals(OpenedStore):
    """What a store takes away and can bring back.

    The session class deletes and pops for good; what it takes is not among this.
    """

    async def undo(self, session_id: str, branch_id: str, count: int = 1) -> RemovedRecord:
        """Take back the last `count` turns of a branch; the branch stays, even without turns.

        Raises a `TurnNotFoundError`, saying how many there are, where it has fewer.
        """
        if count < 1:
            raise ValueError("count is at least 1")

        def take(tx: Transaction) -> RemovedRecord:
            lookup.require_branch(tx, session_id, branch_id)
            return taking.undo(tx, session_id, branch_id, count)

        return await self._write(session_id, take)

    async def delete_branches(
        self, session_id: str, branch_ids: list[str], *, force: bool = False
    ) -> None:
        """Delete branches, all or none; the current one only with `force`.

        Their names stay taken, and what they cost stays in the ledger.
        """

        def delete(tx: Transaction) -> None:
            catalog.require(tx, session_id)
            current = heads.of_session(tx, session_id).branch_id
            unique = list(dict.fromkeys(branch_ids))
            # All are looked at first: what is said of one must not depend on another's being gone.
            for branch_id in unique:
                if not branch_id.strip():
                    raise InvalidNameError(lookup.EMPTY)
                if branch_id == MAIN:
                    raise ProtectedBranchError(
                        f"the branch '{MAIN}' cannot be deleted: every session has it",
                        hint="take back its turns, or delete the session",
                    )
                lookup.require_branch(tx, session_id, branch_id)
                if branch_id == current and not force:
                    raise CurrentBranchError(
                        f"'{branch_id}' is the current branch",
                        hint="switch to another branch first, or force it",
                    )
            taking.delete_branches(tx, session_id, unique)

        await self._write(session_id, delete)

    async def removed(self, session_id: str) -> list[RemovedRecord]:
        """What can be brought back, the last thing taken first; a clear forgets it."""

        def look(tx: Transaction) -> list[RemovedRecord]:
            catalog.require(tx, session_id)
            return taking.listed(tx, session_id)

        return await self._read(look, session_id)

    async def restore(self, session_id: str, branch_id: str | None = None) -> list[Restored]:
        """Bring back what was taken last, or what was taken last of one branch.

        Without `branch_id` that is all that one call of `undo` or `delete_branches` took. Turns
        come back behind those that they followed or, where something has been said there since,
        with those on a branch of their own. The head stays where it is. Raises a
        `NothingToRestoreError`.
        """

        def put_back(tx: Transaction) -> list[Restored]:
            catalog.require(tx, session_id)
            return taking.restore(tx, session_id, branch_id, _INDEXES)

        return await self._write(session_id, put_back)

    async def purge_removed(self, session_id: str | None = None) -> int:
        """Forget for good what was taken off a session, or off all; return how many things."""
        return await self._write(session_id, lambda tx: taking.purge(tx, session_id))

    async def count_removed(self, session_id: str | None = None) -> int:
        """How many things could be brought back, in a session or in all of them."""
        count: int = await self._look(lambda tx: tx.value("count_removed", session_id=session_id))
        return count

    async def shrink(self, *, keep_indexes: bool = True) -> int:
        """Give the space that the file does not need back to the disk; return how many bytes.

        The indexes of searches stay, and know the words of what is gone. With `keep_indexes`
        False they go too; the next search makes them again.
        """
        if not keep_indexes:
            await self._write(None, _drop_indexes)
        return await self._opened().shrink()


def _drop_indexes(tx: Transaction) -> None:
    for index in _INDEXES:
        index.drop(tx)
