"""Bring a side line back: copy some of its turns, or take it over as a whole.

The branch that is merged stays as it is. Turns that are copied one by one become new turns, as a
cherry-pick becomes a new commit; they cost nothing, so they have no usage, and nothing is counted
twice. A line that is taken over shares its turns, as branches do, and they are counted where they
were asked.
"""

from contextlib import closing
from itertools import zip_longest
from typing import Any, NamedTuple

from convo.branches import branches
from convo.errors import ConflictError
from convo.merging.checks import check_apart, check_new, check_target, check_whole
from convo.merging.records import Row, enter, rows_of
from convo.records import Location, Merged
from convo.storage.transaction import Transaction
from convo.structure import adoption, numbering
from convo.undo import taking


class Lines(NamedTuple):
    """Two branches: their last shared turn, and the last turn of each; 0 for none."""

    shared: int
    shared_source: int
    last: int
    last_source: int

    @property
    def own(self) -> int:
        """How many turns only the target has."""
        return self.last - self.shared

    @property
    def new(self) -> int:
        """How many turns only the source has."""
        return self.last_source - self.shared_source


class MergedTurns(NamedTuple):
    """What a merge did: the turns that it put on the branch, and those that it set aside.

    The numbers are 0 if there are none: `first` if there was nothing to merge.
    """

    branch_id: str
    merged: Merged
    first: int
    last: int
    aside_first: int = 0
    aside_last: int = 0


def lines(tx: Transaction, target: Location, source_branch: str) -> Lines:
    """How far two branches have the same turns, from the first one on."""
    adoption.adopt(tx, target.session_id)
    ends = [
        _last(tx, Location(target.session_id, name)) for name in (target.branch_id, source_branch)
    ]
    readers = [
        tx.each("messages_of_branch", session_id=target.session_id, branch_id=name)
        for name in (target.branch_id, source_branch)
    ]
    shared, shared_source = 0, 0
    with closing(readers[0]), closing(readers[1]):
        for ours, theirs in zip_longest(*readers):
            if ours is None or theirs is None or ours[0] != theirs[0]:
                if shared in _turn(ours) or shared_source in _turn(theirs):
                    # They part within a turn, which is not shared.
                    shared, shared_source = shared - 1, shared_source - 1
                break
            shared, shared_source = ours[1] or 0, theirs[1] or 0
    return Lines(max(shared, 0), max(shared_source, 0), *ends)


def pick(
    tx: Transaction, target: Location, source_branch: str, first: int, last: int
) -> MergedTurns:
    """Copy turns of a branch to the end of another.

    Raises `ConflictError` if one is there already, or has only a part of what belongs together.
    """
    session_id, branch_id = target
    check_apart(branch_id, source_branch)
    adoption.adopt(tx, session_id)
    check_target(tx, target)
    rows = rows_of(tx, session_id, source_branch, first, last)
    check_new(tx, target, source_branch, rows)
    check_whole(tx, session_id, source_branch, rows)
    before = tx.value("last_row_of_branch", session_id=session_id, branch_id=branch_id)
    begin = _last(tx, target) + 1
    if before is None:
        branches.note_filled(tx, session_id, branch_id)
    sequence = numbering.sequence_of(tx, session_id)
    made = [
        copied(tx, target, row, sequence.last + 1 + at, row.turn - first + begin)
        for at, row in enumerate(rows)
    ]
    _note_new_rows(tx, target, sequence)
    merged = Merged("picked", source_branch, first, last)
    source = (rows[0].id, rows[-1].id)
    enter(tx, session_id, merged, (made[0], made[-1]), source, before_row=before)
    return MergedTurns(branch_id, merged, begin, begin + last - first)


def take(
    tx: Transaction, target: Location, source_branch: str, *, only_forward: bool = False
) -> MergedTurns:
    """Have a branch go on as another does; its own turns after the shared ones are set aside.

    With `only_forward`, `ConflictError` is raised if there are any.
    """
    session_id, branch_id = target
    check_apart(branch_id, source_branch)
    found = lines(tx, target, source_branch)
    merged = Merged("taken", source_branch, found.shared_source + 1, found.last_source)
    if not found.new:
        return MergedTurns(branch_id, merged, 0, 0)
    if found.own and only_forward:
        raise _parted(target.branch_id, source_branch, found)
    check_target(tx, target, replaces=found.own > 0)
    where = {"session_id": session_id, "branch_id": branch_id}
    before, replaced = tx.value("last_row_of_branch", **where), None
    if found.own:
        replaced = taking.take(tx, session_id, branch_id, "turns", found.shared + 1)
    if before is None:
        branches.note_filled(tx, session_id, branch_id)
    branches.copy_later_rows(
        tx,
        session_id,
        source_branch,
        branch_id,
        after=found.shared_source,
        first=found.shared + 1,
    )
    last = found.shared + found.new
    made = rows_of(tx, session_id, branch_id, found.shared + 1, last)
    theirs = rows_of(tx, session_id, source_branch, found.shared_source + 1, found.last_source)
    enter(
        tx,
        session_id,
        merged,
        (min(row.id for row in made), max(row.id for row in made)),
        (theirs[0].id, theirs[-1].id),
        before_row=before,
        replaced_id=replaced,
    )
    aside = (found.shared + 1, found.last) if found.own else (0, 0)
    return MergedTurns(branch_id, merged, found.shared + 1, last, *aside)


def _turn(row: Any) -> tuple[int, ...]:
    """The turn of a row, if there is one."""
    return () if row is None else (row[1],)


def to_sum_up(tx: Transaction, target: Location, source_branch: str) -> tuple[int, int] | None:
    """The first and the last turn of a branch that are not shared, or summed up on the target."""
    check_apart(target.branch_id, source_branch)
    check_target(tx, target)
    found = lines(tx, target, source_branch)
    first = found.shared_source + 1
    where = {"session_id": target.session_id, "branch_id": target.branch_id}
    covered = tx.row("last_summed_up", source=source_branch, **where)
    if covered is not None:
        first = max(first, covered[1] + 1)
    return (first, found.last_source) if first <= found.last_source else None


def copied(tx: Transaction, target: Location, row: Row, sequence: int, turn: int) -> int:
    """Copy a row with its message, and its mark if its answer is incomplete; return the new id."""
    where = {"session_id": target.session_id, "message_id": row.message_id}
    message_id: int = tx.value("copy_message", **where)
    tx.execute("copy_cut", new_message_id=message_id, **where)
    copy: int = tx.value(
        "copy_row",
        id=row.id,
        message_id=message_id,
        branch_id=target.branch_id,
        sequence=sequence,
        turn=turn,
    )
    adoption.note(tx, target.session_id, message_id)
    return copy


def _last(tx: Transaction, at: Location) -> int:
    return (numbering.number_range(tx, *at) or (0, 0))[1]


def _note_new_rows(tx: Transaction, target: Location, before: numbering.Sequence) -> None:
    tx.execute("touch_session", session_id=target.session_id)
    numbering.note_last_row(tx, *target, before)


def _parted(target: str, source: str, found: Lines) -> ConflictError:
    """The error for two lines that both go on, without a choice what is to become of them."""
    ours, theirs = (
        f"turn {first}" if first == last else f"turns {first}-{last}"
        for first, last in (
            (found.shared + 1, found.last),
            (found.shared_source + 1, found.last_source),
        )
    )
    return ConflictError(
        f"both branches go on: '{target}' with {ours}, '{source}' with {theirs}",
        hint="say --summary, --cherry-pick A..B or --take",
    )
