"""The branches of a session: listed, made, switched to, renamed."""

from collections.abc import Callable

from convo.branches import branches, heads, tree
from convo.branches.tree import Tree
from convo.errors import ProtectedBranchError
from convo.names import check_name
from convo.records import MAIN, BranchInfo, Location, Tokens
from convo.sdk.branches import PROMPTS
from convo.search import prompts
from convo.storage.search_index import Progress
from convo.storage.transaction import Transaction
from convo.storage.values import iso_utc
from convo.store import catalog, lookup
from convo.store.base import OpenedStore
from convo.structure import adoption
from convo.usage.totals import UsageTotals


class Branches(OpenedStore):
    """What a store says of branches, and does to them."""

    async def branches(self, session_id: str, current: str | None = None) -> list[BranchInfo]:
        """The branches of a session, the oldest first; `current` is marked, else the head's."""

        def collect(tx: Transaction) -> list[BranchInfo]:
            catalog.require(tx, session_id)
            marked = current or heads.of_session(tx, session_id).branch_id
            rows = branches.listed(tx, session_id)
            names = [row.branch_id for row in rows]
            spent: dict[str | None, Tokens] = {}
            for cost in UsageTotals(tx, session_id, names).by_branch():
                spent[cost.branch_id] = spent.get(cost.branch_id, Tokens()) + cost.tokens
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

    async def tree(self, session_id: str, current: str | None = None) -> Tree:
        """The session as it branched; `current` is marked, else the head's branch.

        It is found from the messages that the branches share, so that it is right for databases
        that the SDK wrote, too, where nothing records where a branch came from.
        """

        def collect(tx: Transaction) -> Tree:
            catalog.require(tx, session_id)
            return tree.grown(tx, session_id, current, self._unreadable)

        return await self._read(collect, session_id)

    async def require_branch(self, session_id: str, branch_id: str) -> None:
        """Raise a `NotFoundError`, naming the nearest, unless session and branch are there."""
        await self._read(lambda tx: lookup.require_branch(tx, session_id, branch_id), session_id)

    async def branch_called(self, session_id: str, name: str) -> str:
        """The branch of that name, or the only one of the session whose name begins so.

        Raises a `NotFoundError`, naming the nearest or those that it may be.
        """
        return await self._read(lambda tx: lookup.branch_called(tx, session_id, name), session_id)

    async def renamed_to(self, session_id: str, branch_id: str) -> str | None:
        """What a branch is called now that once had this name; None where there is none."""
        return await self._read(
            lambda tx: branches.renamed_to(tx, session_id, branch_id), session_id
        )

    async def branch(
        self,
        session_id: str,
        source: str,
        *,
        turn: int | None = None,
        match: str | None = None,
        after: int | None = None,
        name: str | None = None,
        stem: str | None = None,
        expected: str | None,
        progress: Callable[[Progress], None] | None = None,
    ) -> str:
        """Make a branch of `source` and move the head to it, from `expected`; return its name.

        The branch holds the turns before `turn`, or before the first that says `match`, or those
        up to and including `after`: exactly one of the three is given. With `expected` None the
        head stays where it is. Where no `name` is given, one that was never used is made: `stem`,
        or `turn-N`, or `after-N`, with `-b`, `-c` … behind it where that was used. `progress` is
        told how far the index of prompts is, where `match` has to have it caught up.
        """

        def create(tx: Transaction) -> str:
            adoption.adopt(tx, session_id)
            lookup.require_branch(tx, session_id, source)
            number = after if turn is None else turn
            if number is None:
                number = lookup.turn_saying(
                    tx, PROMPTS, session_id, source, match or "", self._unreadable
                )
            return branch_off(
                tx,
                Location(session_id, source),
                number,
                name,
                stem=stem,
                include_turn=after is not None,
                expected=expected,
            )

        if sum(choice is not None for choice in (turn, match, after)) != 1:
            raise ValueError("give exactly one of turn, match and after")
        if match is not None:
            # Before the transaction that makes the branch: that is not to wait for the index.
            folded = prompts.folded(match)
            await self._search(
                PROMPTS,
                lambda tx, index: prompts.possible(tx, index, session_id, source, folded),
                session_id,
                progress,
            )
        return await self._write(session_id, create)

    async def switch(self, session_id: str, branch_id: str, *, expected: str) -> None:
        """Move the session's head from the branch `expected` to another."""

        def move(tx: Transaction) -> None:
            lookup.require_branch(tx, session_id, branch_id)
            heads.move(tx, session_id, branch_id, expected=expected)

        await self._write(session_id, move)

    async def rename_branch(self, session_id: str, old: str, new: str) -> None:
        """Give a branch another name; both stay taken, and the head goes along.

        An instance of a session class that stands on the branch loses it, as by a deletion.
        """

        def rename(tx: Transaction) -> None:
            lookup.require_branch(tx, session_id, old)
            if old == MAIN:
                raise ProtectedBranchError(
                    f"the branch '{MAIN}' cannot be renamed: every session has it",
                    hint="branch off under the name that you want",
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

    Where no `name` is given, one is made of `stem`, or else of the turn's number.
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
