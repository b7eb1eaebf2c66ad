"""The methods that the SDK's `OpenAIResponsesCompactionSession` calls on a wrapped session."""

from collections.abc import Callable

from convo.history import compaction
from convo.history.compaction import Row, Snapshot
from convo.items.encoding import Item, decode, encoded
from convo.sdk.base import OpenedSession
from convo.sdk.file import CurrentBranch
from convo.storage.transaction import Transaction


class Compactable(OpenedSession):
    """Lets a compaction replace the items of the current branch only.

    The method names are the SDK's (openai-agents 0.24). If it does not find them on the wrapped
    session, it clears the whole session, with all its branches.
    """

    async def _atomic_replace_items(self, items: list[Item]) -> bool:
        rows = encoded(items)
        await self._file.write(
            lambda tx, current: compaction.replace_all(tx, self.session_id, current.branch_id, rows)
        )
        return True

    async def _get_compaction_snapshot(
        self, limit: int, *, prune_prefix: Callable[[Item], bool] | None = None
    ) -> Snapshot | None:
        """The newest items, which can be replaced as long as they do not change.

        None if some rows cannot be read, or if the wrapper wants items to expire: convo deletes
        nothing without being told to.
        """
        if prune_prefix is not None:
            return None

        def look(tx: Transaction, current: CurrentBranch) -> tuple[str, list[Row]]:
            branch_id = current.branch_id
            return branch_id, compaction.newest_rows(tx, self.session_id, branch_id, limit + 1)

        branch_id, found = await self._file.read(look)
        complete, rows = len(found) <= limit, found[-limit:]
        try:
            items = [decode(row.data) for row in rows]
        except ValueError:
            return None

        async def replace_suffix(start: int, output: list[Item]) -> bool:
            expected, stored = rows[start:], encoded(output)
            if not expected:
                return False
            return await self._file.write(
                lambda tx, _: compaction.replace_if_unchanged(
                    tx, self.session_id, branch_id, expected, stored
                )
            )

        return Snapshot(items, complete, replace_suffix)
