"""The session class's methods for items: add, get, pop and clear."""

from typing import TYPE_CHECKING

from convo.history import items as history
from convo.items.encoding import Item, encoded
from convo.items.pairs import sendable as what_can_be_sent
from convo.records import MAIN, TurnRef
from convo.sdk import run_branches
from convo.sdk.base import OpenedSession
from convo.sdk.file import CurrentBranch, Standing
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER

if TYPE_CHECKING:
    from agents import TResponseInputItem


class Items(OpenedSession):
    """The methods that the SDK's runner calls."""

    async def add_items(
        self, items: "list[TResponseInputItem]", *, wrapper: object | None = None
    ) -> None:
        """Append items to the current branch, all or none.

        Each item with the role `user` begins a turn. `wrapper` is the run context that the SDK
        passes: the items of a run belong to the branch and turn in which the run was asked,
        whichever branch the session is on now.

        Raises:
            TypeError: An item cannot be written as JSON.
            BranchDeletedError: The branch that this session is on, or on which the run was
                asked, has been deleted.
            DatabaseError: The file cannot be written; nothing was stored.
        """
        self._file.check_open()
        if not items:
            return
        rows, asked, trace = encoded(items), self._asked.of(wrapper), self._traces.of(wrapper)
        begins_turn = any(row.begins_turn for row in rows)
        answered = run_branches.awaited_calls(items) if wrapper is not None else set()

        def append(tx: Transaction, standing: Standing) -> tuple[TurnRef, int]:
            history.reserve(tx, len(rows))
            branch_id, turn, state = run_branches.to_write(
                tx, self.session_id, standing, asked, answered, begins_turn=begins_turn
            )
            turn = history.append(tx, self.session_id, branch_id, rows, turn, state)
            if wrapper is not None:
                turn = history.anchored(tx, self.session_id, turn)
            return turn, standing.generation

        def note(written: tuple[TurnRef, int]) -> None:
            asked.turn = trace.turn = written[0]
            asked.generation = written[1]

        await self._file.write(append, then=note)

    async def get_items(
        self,
        limit: int | None = None,
        branch_id: str | None = None,
        *,
        wrapper: object | None = None,
        sendable: bool = False,
    ) -> "list[TResponseInputItem]":
        """The items of the current branch, or of the given one, in order.

        With the `wrapper` of a run, the current branch is the one on which the run was asked.
        `limit` returns only that many of the newest items; None means the limit of the settings
        or, without one, the newest `turn_limit` turns; a negative number means no limit. With
        `sendable`, items that an API would refuse are left out (see `convo.sendable`), so that
        there may be fewer. An unknown branch has no items. Unreadable rows are left out.
        """
        count = self._default_limit() if limit is None else limit
        asked = self._asked.of(wrapper)

        def read(tx: Transaction, current: CurrentBranch) -> tuple[list[Item], CurrentBranch]:
            branch = branch_id
            if branch is None:
                branch = run_branches.to_read(tx, self.session_id, current, asked)
            return self._items(tx, branch, count, sendable), current

        def announce(tx: Transaction, current: CurrentBranch) -> bool:
            if sendable or self.turn_limit is not None:
                return False
            branch = current.branch_id if branch_id is None else branch_id
            history.announce(tx, self.session_id, branch, count)
            return branch_id is not None or asked.turn is None

        items, current = await self._file.read(read, announce)
        if branch_id is None and asked.read_at is None:
            asked.read_at = current
        return items

    async def pop_item(self, *, wrapper: object | None = None) -> "TResponseInputItem | None":
        """Remove and return the newest item of the current branch; None if it is empty.

        With the `wrapper` of a run, that is the branch on which the run was asked. A message that
        is also on another branch stays there. The branch stays even if it is now empty, and the
        tokens of a removed turn stay in the ledger.
        """
        asked = self._asked.of(wrapper)

        def pop(tx: Transaction, standing: Standing) -> Item | None:
            history.announce_pop(tx, self.session_id, standing.asked.branch_id)
            branch_id = run_branches.to_read(tx, self.session_id, standing.current, asked)
            return history.pop(tx, self.session_id, branch_id)

        return await self._file.write(pop)

    async def clear_session(self, *, wrapper: object | None = None) -> None:
        """Remove every item on every branch and go back to `main`; numbering starts again at 1."""
        await self._file.write(
            lambda tx, _: history.clear(tx, self.session_id),
            then=lambda generation: self._point(CurrentBranch(MAIN, generation)),
        )

    def _items(self, tx: Transaction, branch: str, count: int | None, sendable: bool) -> list[Item]:
        where = (tx, self.session_id, branch)
        if count is None and self.turn_limit is not None:
            items = history.newest_turns(*where, self.turn_limit, self._unreadable)
        elif sendable and count is not None and 0 < count < MAX_INTEGER:
            # The item before them tells whether they begin in the middle of a response.
            items = history.read(*where, count + 1, self._unreadable)
            return what_can_be_sent(items, skip=max(0, len(items) - count))
        else:
            items = history.read(*where, count, self._unreadable)
        return what_can_be_sent(items) if sendable else items

    def _default_limit(self) -> int | None:
        settings = self._settings
        return (
            settings.get("limit")
            if isinstance(settings, dict)
            else getattr(settings, "limit", None)
        )
