"""The store's methods to undo, delete, restore and purge."""

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
    """Remove turns and branches, list and restore them, or delete them for good.

    What the session class deletes or pops cannot be restored.
    """

    async def undo(self, session_id: str, branch_id: str, count: int = 1) -> RemovedRecord:
        """Remove the last `count` turns of a branch; the branch stays, even without turns.

        Raises `TurnNotFoundError`, with their number, if it has fewer turns.
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

        Their names stay taken, and their usage stays in the ledger.
        """

        def delete(tx: Transaction) -> None:
            catalog.require(tx, session_id)
            current = heads.of_session(tx, session_id).branch_id
            unique = list(dict.fromkeys(branch_ids))
            # Check all first: the error for one must not depend on the deletion of another.
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
        """What can be restored, the last removed first; clearing the session deletes it."""

        def look(tx: Transaction) -> list[RemovedRecord]:
            catalog.require(tx, session_id)
            return taking.listed(tx, session_id)

        return await self._read(look, session_id)

    async def restore(self, session_id: str, branch_id: str | None = None) -> list[Restored]:
        """Restore what was removed last, or removed last from one branch.

        Without `branch_id`, that is everything that one call of `undo` or `delete_branches`
        removed. Turns are restored after those that they followed; if the branch has new turns
        there, on a new branch together with those that they followed. The head does not move.
        Raises `NothingToRestoreError`.
        """

        def put_back(tx: Transaction) -> list[Restored]:
            catalog.require(tx, session_id)
            return taking.restore(tx, session_id, branch_id, _INDEXES)

        return await self._write(session_id, put_back)

    async def purge_removed(self, session_id: str | None = None) -> int:
        """Delete removed turns and branches of one session or all for good; return how many."""
        return await self._write(session_id, lambda tx: taking.purge(tx, session_id))

    async def count_removed(self, session_id: str | None = None) -> int:
        """The number of entries that can be restored, in one session or all."""
        count: int = await self._look(lambda tx: tx.value("count_removed", session_id=session_id))
        return count

    async def shrink(self, *, keep_indexes: bool = True) -> int:
        """Return unused space of the file to the disk; return the number of bytes saved.

        The search indexes stay, and still contain the words of deleted messages. With
        `keep_indexes` False, they are deleted too; the next search rebuilds them.
        """
        if not keep_indexes:
            await self._write(None, _drop_indexes)
        return await self._opened().shrink()


def _drop_indexes(tx: Transaction) -> None:
    for index in _INDEXES:
        index.drop(tx)
