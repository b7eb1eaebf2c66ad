"""The store's methods to undo, delete, restore and purge."""

from convo.branches import heads
from convo.errors import (
    CurrentBranchError,
    InvalidNameError,
    NothingToRestoreError,
    ProtectedBranchError,
)
from convo.names import nearest
from convo.records import MAIN, RemovedSession, Restored, RestoredSession
from convo.records import Removed as RemovedRecord
from convo.search.full_text import WORDS
from convo.search.prompts import PROMPTS
from convo.storage.search_index import SearchIndex
from convo.storage.transaction import Transaction
from convo.store import catalog, lookup, removed_sessions
from convo.store.base import OpenedStore
from convo.undo import taking

_INDEXED = (PROMPTS, WORDS)


class Removals(OpenedStore):
    """Remove turns and branches, list and restore them or deleted sessions, or purge them all.

    What the session class deletes or pops cannot be restored.
    """

    async def undo(
        self, session_id: str, branch_id: str, count: int | None = None
    ) -> RemovedRecord:
        """Remove the last `count` turns of a branch; the branch stays, even without turns.

        Without `count`, undo what came last: a merge or squash as a whole, which brings back what
        it replaced, or else a turn. Raises `TurnNotFoundError`, with their number, if there are
        fewer turns.
        """
        if count is not None and count < 1:
            raise ValueError("count is at least 1")
        from convo.merging import undoing

        def take(tx: Transaction) -> RemovedRecord:
            lookup.require_branch(tx, session_id, branch_id)
            if count is None:
                return undoing.undo(tx, session_id, branch_id, self._indexes())
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
                        hint="switch to another branch first, or use --force",
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
        from convo.merging import undoing

        def put_back(tx: Transaction) -> list[Restored]:
            catalog.require(tx, session_id)
            return undoing.restore(tx, session_id, branch_id, self._indexes())

        return await self._write(session_id, put_back)

    async def removed_sessions(self) -> list[RemovedSession]:
        """The deleted sessions that can be restored, the last deleted one first."""
        return await self._look(lambda tx: [one.removed for one in removed_sessions.listed(tx)])

    async def last_removed_session(self, session_id: str | None = None) -> RemovedSession | None:
        """The last deleted session; None if something was removed from `session_id` since."""

        def find(tx: Transaction) -> RemovedSession | None:
            entry = removed_sessions.last(tx, session_id)
            return None if entry is None else entry.removed

        return await self._look(find)

    async def just_removed_session(self) -> RemovedSession | None:
        """The session whose deletion is the last that happened in the database, if any."""

        def find(tx: Transaction) -> RemovedSession | None:
            entry = removed_sessions.just_deleted(tx)
            return None if entry is None else entry.removed

        return await self._look(find)

    async def restore_session(self, session_id: str) -> RestoredSession:
        """Restore the session of that name that was deleted last.

        Its branches, head, model, usage, pending turns, and what could be restored in it return. It
        is current again if it was, and no other session was made current since. Raises
        `NothingToRestoreError`, and `NameTakenError` if there is a session of that name again.
        """

        def put_back(tx: Transaction) -> RestoredSession:
            found = removed_sessions.listed(tx, session_id)
            if not found:
                names = [one.removed.session_id for one in removed_sessions.listed(tx)]
                raise NothingToRestoreError(
                    f"no deleted session '{session_id}'", hint=nearest(session_id, names)
                )
            return removed_sessions.restore(tx, found[0], self._indexes())

        return await self._write(None, put_back)

    async def purge_removed(self, session_id: str | None = None) -> int:
        """Delete for good what was removed from one session or all; return how many entries.

        Deleted sessions of that name, or all, are among them.
        """

        def purge(tx: Transaction) -> int:
            return removed_sessions.purge(tx, session_id) + taking.purge(tx, session_id)

        return await self._write(session_id, purge)

    async def count_removed(self, session_id: str | None = None) -> int:
        """The number of entries that can be restored, in one session or all."""

        def count(tx: Transaction) -> int:
            found: int = tx.value("count_restorable", session_id=session_id)
            return found

        return await self._look(count)

    async def shrink(self, *, keep_indexes: bool = True) -> int:
        """Return unused space of the file to the disk; return the number of bytes saved.

        The search indexes stay, and still contain the words of deleted messages. With
        `keep_indexes` False, they are deleted too; the next search rebuilds them.
        """
        if not keep_indexes:
            await self._write(None, self._drop_indexes)
        return await self._opened().shrink()

    def _indexes(self) -> list[SearchIndex]:
        found = [self._opened().index(contents) for contents in _INDEXED]
        return [index for index in found if index is not None]

    def _drop_indexes(self, tx: Transaction) -> None:
        for index in self._indexes():
            index.drop(tx)
