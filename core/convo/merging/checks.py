"""What keeps branches from being merged, and turns from being squashed: each is one line."""

from itertools import groupby

from convo.errors import ConflictError
from convo.items import pairs
from convo.items.encoding import Item, decode
from convo.merging.records import Row, rows_of
from convo.pending import pending
from convo.records import Location
from convo.storage.transaction import Transaction

STANDS_FOR_OTHERS = frozenset({"compaction", "compaction_trigger"})
"""Types of items that stand for the items before them, and say nothing elsewhere."""


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
                hint=f"`convo retry {waits.number}` asks it again, with --drop it is dropped",
            )


def check_apart(target: str, source: str) -> None:
    """Raise `ConflictError` if a branch is to be merged into itself."""
    if target == source:
        raise ConflictError(
            f"'{source}' cannot be merged into itself",
            hint="switch to the branch that is to go on, or name it with -b",
        )


def check_new(tx: Transaction, target: Location, source_branch: str, rows: list[Row]) -> None:
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


def check_whole(tx: Transaction, session_id: str, branch_id: str, rows: list[Row]) -> None:
    """Raise `ConflictError` if items of the turns mean something only with items of others."""
    calls: dict[str, int] = {}
    for row in rows:
        if row.message_type in STANDS_FOR_OTHERS:
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
