"""The items of a conversation: appended, read, taken back."""

from typing import TYPE_CHECKING

from convo import history
from convo.items import Item, encoded
from convo.pointer import Pointer
from convo.records import MAIN, TurnRef
from convo.session.opened import OpenedSession
from convo.transaction import Transaction

if TYPE_CHECKING:
    from agents import TResponseInputItem


class Items(OpenedSession):
    """What the SDK's runner asks of a session."""

    async def add_items(
        self, items: "list[TResponseInputItem]", *, wrapper: object | None = None
    ) -> None:
        """Append items to the current branch, all or none.

        Each item with the role `user` begins a turn. `wrapper` is the run context that the SDK
        passes along: what a run says belongs to the turn in which that run was asked.

        Raises:
            TypeError: An item cannot be written as JSON.
            BranchDeletedError: Somebody deleted the branch that this session is on.
            DatabaseError: The file cannot be written; nothing was stored.
        """
        self._file.check_open()
        if not items:
            return
        rows, trace = encoded(items), self._traces.of(wrapper)

        def append(tx: Transaction, pointer: Pointer) -> TurnRef:
            return history.append(tx, self.session_id, pointer.branch_id, rows, trace.turn)

        await self._file.write(append, then=lambda turn: setattr(trace, "turn", turn))

    async def get_items(
        self,
        limit: int | None = None,
        branch_id: str | None = None,
        *,
        wrapper: object | None = None,
    ) -> "list[TResponseInputItem]":
        """The items of the current branch, or of the one named, in order.

        `limit` takes the newest that many; None means the limit of the settings, a negative one
        no limit. An unknown branch has no items. Rows that cannot be read are left out.
        """
        count = self._default_limit() if limit is None else limit
        return await self._read(
            lambda tx, branch: history.read(tx, self.session_id, branch, count, self._unreadable),
            branch_id,
        )

    async def pop_item(self, *, wrapper: object | None = None) -> "TResponseInputItem | None":
        """Take the newest item off the current branch; None where it is empty.

        A message that another branch shows stays there. The branch stays too, and the tokens of
        a turn that is gone stay in the ledger.
        """
        item: Item = await self._file.write(
            lambda tx, pointer: history.pop(tx, self.session_id, pointer.branch_id)
        )
        return item  # type: ignore[no-any-return]

    async def clear_session(self, *, wrapper: object | None = None) -> None:
        """Remove every item on every branch and go back to `main`; numbering starts anew."""
        await self._file.write(
            lambda tx, _: history.clear(tx, self.session_id),
            then=lambda generation: self._point(Pointer(MAIN, generation)),
        )

    def _default_limit(self) -> int | None:
        settings = self._settings
        return (
            settings.get("limit")
            if isinstance(settings, dict)
            else getattr(settings, "limit", None)
        )
