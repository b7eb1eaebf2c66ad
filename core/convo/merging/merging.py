"""Bring a side line back: copy some of its turns, or take it over as a whole.

The branch that is merged stays as it is. Turns that are copied one by one become new turns, as a
cherry-pick becomes a new commit; they cost nothing, so they have no usage, and nothing is counted
twice. A line that is taken over shares its turns, as branches do, and they are counted where they
were asked.
"""

from contextlib import closing
from itertools import groupby, zip_longest
from typing import Any, NamedTuple

from convo.branches import branches
from convo.errors import ConflictError
from convo.items import pairs
from convo.items.encoding import Item, decode
from convo.merging.records import Row, enter, rows_of
from convo.pending import pending
from convo.records import Location, Merged
from convo.storage.transaction import Transaction
from convo.structure import adoption, numbering
from convo.undo import taking

_STANDS_FOR_OTHERS = frozenset({"compaction", "compaction_trigger"})
"""Types of items that stand for the items before them, and say nothing elsewhere."""


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


def check_target(tx: Transaction, target: Location, *, replaces: bool = False) -> None:
    """Raise `ConflictError` while a turn of the branch is being answered.

    If turns are to be replaced, none may wait either: it would follow others than it was asked
    after.
    """
    for waits in pending.of_session(tx, target.session_id):
        if waits.asked.branch_id != target.branch_id:
            continue
        waits.require_ended()
        if replaces:
            raise ConflictError(
                f"turn {waits.turn} of '{target.branch_id}' waits for an answer",
                hint="ask it again with `convo retry`, or drop it with `convo retry --drop`",
            )


def pick(
    tx: Transaction, target: Location, source_branch: str, first: int, last: int
) -> MergedTurns:
    """Copy turns of a branch to the end of another.

    Raises `ConflictError` if one is there already, or has only a part of what belongs together.
    """
    session_id, branch_id = target
    _check_apart(branch_id, source_branch)
    adoption.adopt(tx, session_id)
    check_target(tx, target)
    rows = rows_of(tx, session_id, source_branch, first, last)
    _check_new(tx, target, source_branch, rows)
    _check_whole(tx, session_id, source_branch, rows)
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
    _check_apart(branch_id, source_branch)
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
    _check_apart(target.branch_id, source_branch)
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


def _check_apart(target: str, source: str) -> None:
    if target == source:
        raise ConflictError(
            f"'{source}' cannot be merged into itself",
            hint="switch to the branch that is to go on, or name it with -b",
        )


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


def _check_new(tx: Transaction, target: Location, source_branch: str, rows: list[Row]) -> None:
    """Raise `ConflictError` if the branch has one of the turns already, as it is or copied."""
    session_id, branch_id = target
    shared: dict[int, int] = {}
    asked: dict[str, list[int]] = {}
    for message_id, time, number in tx.rows(
        "questions_of_branch", session_id=session_id, branch_id=branch_id
    ):
        shared[message_id] = number
        asked.setdefault(str(time), []).append(number)
    for turn, group in groupby(rows, key=lambda row: row.turn):
        ours = list(group)
        there = shared.get(ours[0].message_id)
        if there is None:
            # A copy has the time of its original.
            time = str(tx.value("time_of_message", message_id=ours[0].message_id))
            copies = (
                number
                for number in asked.get(time, ())
                if _is_same(tx, ours, rows_of(tx, *target, number, number))
            )
            there = next(copies, None)
        if there is not None:
            raise ConflictError(
                f"turn {turn} of '{source_branch}' is on '{branch_id}' already, as turn {there}",
                hint="pick others",
            )


def _is_same(tx: Transaction, ours: list[Row], theirs: list[Row]) -> bool:
    """Whether one turn is a copy of the other."""
    return len(ours) == len(theirs) and all(
        tx.value("is_same_content", one=one.message_id, other=other.message_id)
        for one, other in zip(ours, theirs, strict=True)
    )


def _check_whole(tx: Transaction, session_id: str, branch_id: str, rows: list[Row]) -> None:
    """Raise `ConflictError` if items of the turns mean something only with items of others."""
    calls: dict[str, int] = {}
    for row in rows:
        if row.message_type in _STANDS_FOR_OTHERS:
            raise ConflictError(
                f"turn {row.turn} of '{branch_id}' has a compaction, which stands for the turns "
                "before it",
                hint="merge with --summary or --take",
            )
        if row.message_type not in pairs.OUTPUT_OF and row.message_type not in pairs.CALL_OF:
            continue
        item = _item(tx, row)
        if called := pairs.own_id(item):
            calls[called] = row.turn
        elif (answered := pairs.answered_id(item)) and calls.pop(answered, None) is None:
            raise ConflictError(
                f"turn {row.turn} of '{branch_id}' has the output of a call of an earlier turn",
                hint="pick that turn too",
            )
    for called, turn in calls.items():
        for (data,) in tx.rows(
            "answers_saying",
            session_id=session_id,
            branch_id=branch_id,
            sequence=rows[-1].sequence,
            call=called,
        ):
            if pairs.answered_id(_decoded(data)) == called:
                raise ConflictError(
                    f"a call of turn {turn} of '{branch_id}' has its output in a later turn",
                    hint="pick that turn too",
                )


def _item(tx: Transaction, row: Row) -> Item:
    return _decoded(tx.value("message_data", message_id=row.message_id))


def _decoded(data: bytes | None) -> Item:
    try:
        return decode(data)
    except ValueError:
        return None
