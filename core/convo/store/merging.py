"""The store's methods to merge branches and to squash turns."""

from typing import TYPE_CHECKING, NamedTuple

from convo.errors import TurnNotFoundError
from convo.history import items as history
from convo.items.encoding import Item, encoded
from convo.records import Location, Merged, TurnRef
from convo.storage.transaction import Transaction
from convo.store import lookup, recording
from convo.store.base import OpenedStore
from convo.structure import numbering
from convo.usage import ledger, turn_usage
from convo.usage_records import RunRecord

if TYPE_CHECKING:
    from convo.merging.merging import MergedTurns
    from convo.merging.records import Row


class Span(NamedTuple):
    """Turns of a branch that are to be summed up: their rows, and the items up to their end."""

    branch_id: str
    first: int
    last: int
    rows: "list[Row]"
    history: list[Item]


class Merges(OpenedStore):
    """Merge a branch into another one, and squash turns; `undo` takes each back as a whole.

    What does it is imported when it is needed: hardly any command does.
    """

    async def cherry_pick(
        self, session_id: str, target: str, source: str, first: str | int, last: str | int
    ) -> "MergedTurns":
        """Copy the turns from `first` to `last` of a branch to the end of another.

        A turn is copied whole, with its tool calls, their outputs and its reasoning. The copies are
        new turns without usage. Raises `ConflictError` if the branch has one of them already, or if
        their items would be incomplete without others.
        """

        from convo.merging import merging

        def pick(tx: Transaction) -> "MergedTurns":
            _require(tx, session_id, target, source)
            lower, upper = _span(tx, session_id, source, first, last)
            return merging.pick(tx, Location(session_id, target), source, lower, upper)

        return await self._write(session_id, pick)

    async def take_over(
        self, session_id: str, target: str, source: str, *, only_forward: bool = False
    ) -> "MergedTurns":
        """Have a branch go on as another does.

        Its own turns after those that both share are set aside until an undo; with `only_forward`,
        `ConflictError` is raised if it has any.
        """

        from convo.merging import merging

        def take(tx: Transaction) -> "MergedTurns":
            _require(tx, session_id, target, source)
            return merging.take(tx, Location(session_id, target), source, only_forward=only_forward)

        return await self._write(session_id, take)

    async def squash(
        self,
        session_id: str,
        branch_id: str,
        first: str | int,
        last: str | int,
        *,
        only_last: bool = False,
    ) -> "MergedTurns":
        """Make the turns from `first` to `last` one: their prompts joined, then all other items.

        With `only_last`, only the items of the last turn follow. Later turns get lower numbers.
        """

        from convo.merging import squashing

        def join(tx: Transaction) -> "MergedTurns":
            lookup.require_branch(tx, session_id, branch_id)
            lower, upper = _span(tx, session_id, branch_id, first, last)
            at = Location(session_id, branch_id)
            return squashing.squash(tx, at, lower, upper, only_last=only_last).turns

        return await self._write(session_id, join)

    async def span_to_merge(self, session_id: str, target: str, source: str) -> Span | None:
        """The turns of a branch that a summary on another one is to be made of.

        They are those that the branches do not share, and that no summary there covers yet; None
        if there are none.
        """

        from convo.merging import merging

        def find(tx: Transaction) -> Span | None:
            _require(tx, session_id, target, source)
            at = Location(session_id, target)
            found = merging.to_sum_up(tx, at, source)
            if found is None:
                return None
            return self._span_of(tx, Location(session_id, source), *found)

        return await self._read(find, session_id)

    async def span_to_squash(
        self, session_id: str, branch_id: str, first: str | int, last: str | int
    ) -> Span:
        """The turns of a branch that are to be squashed into a summary."""

        from convo.merging import squashing

        def find(tx: Transaction) -> Span:
            lookup.require_branch(tx, session_id, branch_id)
            lower, upper = _span(tx, session_id, branch_id, first, last)
            at = Location(session_id, branch_id)
            squashing.rows_to_squash(tx, at, lower, upper)
            return self._span_of(tx, at, lower, upper)

        return await self._read(find, session_id)

    async def store_summary(
        self,
        session_id: str,
        target: str,
        span: Span,
        items: list[Item],
        run: RunRecord,
    ) -> "MergedTurns":
        """Store the summary of a branch as the last turn of another, with what it cost."""
        from convo.merging import records
        from convo.merging.merging import MergedTurns

        rows = encoded(items)

        def store(tx: Transaction) -> "MergedTurns":
            at = recording.called_now(tx, Location(session_id, target))
            # The model that sums up is not the one that the session goes on with.
            turn = history.anchored(tx, at.session_id, history.append(tx, *at, rows))
            turn_usage.store(tx, at.session_id, turn, run)
            made = records.rows_of(tx, *at, turn.turn, turn.turn)
            merged = Merged("summary", span.branch_id, span.first, span.last)
            source = (span.rows[0].id, span.rows[-1].id)
            records.enter(tx, at.session_id, merged, (made[0].id, made[-1].id), source)
            return MergedTurns(at.branch_id, merged, turn.turn, turn.turn)

        return await self._write(session_id, store)

    async def squash_into_summary(
        self, session_id: str, branch_id: str, span: Span, items: list[Item], run: RunRecord
    ) -> "MergedTurns":
        """Squash turns into a summary of two items, with what it cost.

        Raises `ConflictError` if the turns have changed since the span was read.
        """
        from convo.merging import squashing

        summary = encoded(items)

        def join(tx: Transaction) -> "MergedTurns":
            lookup.require_branch(tx, session_id, branch_id)
            done = squashing.squash(
                tx,
                Location(session_id, branch_id),
                span.first,
                span.last,
                summary=summary,
                expected=span.rows,
            )
            turn = TurnRef(branch_id, done.turns.first, done.anchor)
            turn_usage.store(tx, session_id, turn, run)
            return done.turns

        return await self._write(session_id, join)

    async def enter_failed_summary(self, session_id: str, branch_id: str, run: RunRecord) -> None:
        """Enter in the ledger what a summary has cost that is not stored."""

        def enter(tx: Transaction) -> None:
            at = recording.called_now(tx, Location(session_id, branch_id))
            numbers = numbering.number_range(tx, *at)
            ledger.enter_apart(
                tx,
                run._replace(status="failed"),
                session_id=at.session_id,
                branch_id=at.branch_id,
                turn=1 if numbers is None else numbers[1] + 1,
            )

        if run.requests or run.total_tokens:
            await self._write(session_id, enter)

    def _span_of(self, tx: Transaction, at: Location, first: int, last: int) -> Span:
        from convo.merging import records

        rows = records.rows_of(tx, *at, first, last)
        before = history.before(tx, *at, last + 1, self._unreadable)
        return Span(at.branch_id, first, last, rows, before)


def _require(tx: Transaction, session_id: str, *branches: str) -> None:
    for branch_id in branches:
        lookup.require_branch(tx, session_id, branch_id)


def _span(
    tx: Transaction, session_id: str, branch_id: str, first: str | int, last: str | int
) -> tuple[int, int]:
    lower, upper = (lookup.turn_called(tx, session_id, branch_id, bound) for bound in (first, last))
    if lower > upper:
        raise TurnNotFoundError(
            f"turn {lower} comes after turn {upper}", hint=f"say {upper}..{lower}"
        )
    return lower, upper
