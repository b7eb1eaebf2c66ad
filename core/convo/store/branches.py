"""The store's methods for branches."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from convo.branches import branches, heads
from convo.errors import ProtectedBranchError
from convo.names import check_name
from convo.records import MAIN, BranchInfo, Location
from convo.search import prompts
from convo.storage.search_index import Progress
from convo.storage.transaction import Transaction
from convo.storage.values import iso_utc
from convo.store import catalog, lookup
from convo.store.base import OpenedStore
from convo.structure import adoption
from convo.usage import totals
from convo.usage_records import Tokens

if TYPE_CHECKING:
    from convo.branches.tree import Tree


class Branches(OpenedStore):
    """List, create, switch and rename branches.

    What finds the parents of branches is imported when it is needed: few commands ask for them.
    """

    async def branches(self, session_id: str, current: str | None = None) -> list[BranchInfo]:
        """All branches of a session, the oldest first; marks `current`, or the head's branch."""
        from convo.branches import tree

        def collect(tx: Transaction) -> list[BranchInfo]:
            catalog.require(tx, session_id)
            marked = current or heads.of_session(tx, session_id).branch_id
            rows = branches.listed(tx, session_id)
            spent = totals.by_branch(tx, session_id)
            return [
                BranchInfo(
                    branch_id=row.branch_id,
                    parent_branch_id=row.parent_branch_id,
                    forked_from_turn=row.forked_from_turn,
                    user_turns=row.turns,
                    message_count=row.messages,
                    tokens=spent.get(row.branch_id, Tokens()),
                    created_at=iso_utc(row.created_at),
                    is_current=row.branch_id == marked,
                )
                for row in tree.with_parents(tx, session_id, rows)
            ]

        return await self._read(collect, session_id)

    async def tree(self, session_id: str, current: str | None = None) -> "Tree":
        """The tree of a session's branches; marks `current`, or else the head's branch.

        It is worked out from the messages that the branches share, so that it also works for
        databases that the SDK wrote, which do not record the parents of branches.
        """

        from convo.branches import tree

        def collect(tx: Transaction) -> "Tree":
            catalog.require(tx, session_id)
            return tree.grown(tx, session_id, current, self._unreadable)

        return await self._read(collect, session_id)

    async def require_branch(self, session_id: str, branch_id: str) -> None:
        """Raise a `NotFoundError` with the nearest name unless session and branch exist."""
        await self._read(lambda tx: lookup.require_branch(tx, session_id, branch_id), session_id)

    async def branch_called(self, session_id: str, name: str) -> str:
        """The branch of that name, or the only one of the session that begins with it.

        Raises a `NotFoundError` with the nearest or the possible names.
        """
        return await self._read(lambda tx: lookup.branch_called(tx, session_id, name), session_id)

    async def renamed_to(self, session_id: str, branch_id: str) -> str | None:
        """The current name of the branch that once had this name; None if there is none."""
        return await self._read(
            lambda tx: branches.renamed_to(tx, session_id, branch_id), session_id
        )

    async def parent_of(self, session_id: str, branch_id: str) -> str | None:
        """The branch that another was made from, if it still exists."""
        from convo.branches import tree

        def find(tx: Transaction) -> str | None:
            lookup.require_branch(tx, session_id, branch_id)
            rows = tree.with_parents(tx, session_id, branches.listed(tx, session_id))
            parents = {row.branch_id: row.parent_branch_id for row in rows}
            parent = parents[branch_id]
            return parent if parent in parents else None

        return await self._read(find, session_id)

    async def branch(
        self,
        session_id: str,
        source: str,
        *,
        turn: str | int | None = None,
        match: str | None = None,
        after: str | int | None = None,
        name: str | None = None,
        stem: str | None = None,
        expected: str | None,
        progress: Callable[[Progress], None] | None = None,
    ) -> str:
        """Make a branch of `source` and move the head to it, from `expected`; return its name.

        The branch holds the turns before `turn`, or before the first that contains `match`, or
        those up to and including `after`: exactly one of the three is given. A turn is a
        number, counted from the end if below 0, or a tag. With `expected` None, the head stays.
        Without `name`, an unused name is made: `stem`, or `turn-N`, or
        `after-N`, followed by `-b`, `-c` … if that was used. If `match` has to catch up the index
        of prompts, `progress` is called with how far it is.
        """

        index = self._opened().index(prompts.PROMPTS)

        def create(tx: Transaction) -> str:
            adoption.adopt(tx, session_id)
            lookup.require_branch(tx, session_id, source)
            number = after if turn is None else turn
            if number is None:
                number = lookup.turn_saying(
                    tx, index, session_id, source, match or "", self._unreadable
                )
            return branch_off(
                tx,
                Location(session_id, source),
                lookup.turn_called(tx, session_id, source, number),
                name,
                stem=stem,
                include_turn=after is not None,
                expected=expected,
            )

        if sum(choice is not None for choice in (turn, match, after)) != 1:
            raise ValueError("give exactly one of turn, match and after")
        if match is not None:
            # Before the transaction that makes the branch, which must not wait for the index.
            folded = prompts.folded(match)
            await self._search(
                prompts.PROMPTS,
                lambda tx, index: prompts.possible(tx, index, session_id, source, folded),
                session_id,
                progress,
            )
        return await self._write(session_id, create)

    async def switch(self, session_id: str, branch_id: str, *, expected: str) -> None:
        """Move the session's head from the branch `expected` to another one."""

        def move(tx: Transaction) -> None:
            lookup.require_branch(tx, session_id, branch_id)
            heads.move(tx, session_id, branch_id, expected=expected)

        await self._write(session_id, move)

    async def rename_branch(self, session_id: str, old: str, new: str) -> None:
        """Rename a branch; both names stay taken, and the head moves with it.

        An instance of the session class that is on the branch loses it, as if it were deleted.
        """

        def rename(tx: Transaction) -> None:
            lookup.require_branch(tx, session_id, old)
            if old == MAIN:
                raise ProtectedBranchError(
                    f"the branch '{MAIN}' cannot be renamed: every session has it",
                    hint="make a branch with the name that you want",
                )
            adoption.adopt(tx, session_id)
            branches.rename(tx, session_id, old, new)

        check_name("branch", new)
        await self._write(session_id, rename)


def branch_off(
    tx: Transaction,
    location: Location,
    turn: int,
    name: str | None,
    *,
    stem: str | None,
    include_turn: bool,
    expected: str | None,
) -> str:
    """Make a branch from a turn, and move the head to it from `expected`, unless that is None.

    Without `name`, a name is made from `stem`, or else from the turn's number.
    """
    if name is not None:
        check_name("branch", name)
    session_id, source = location
    lookup.require_branch(tx, session_id, source)
    lookup.require_turn(tx, session_id, source, turn)
    made = stem or f"{'after' if include_turn else 'turn'}-{turn}"
    branch_id = branches.create(
        tx, session_id, source, turn, name, stem=made, include_turn=include_turn
    )
    if expected is not None:
        heads.move(tx, session_id, branch_id, expected=expected)
    return branch_id
