"""Write pending turns: record the question, its progress and end, and its runs in the ledger.

`convo.pending.pending` reads them.
"""

import json
from collections.abc import Sequence
from typing import Literal, NamedTuple

from convo.items.encoding import Item, encoded, storable
from convo.pending import pending
from convo.pending.pending import AskedTurn, PendingTurn, Progress
from convo.pending.processes import Process
from convo.records import TurnRef
from convo.storage import values
from convo.storage.transaction import Transaction
from convo.structure import numbering
from convo.usage import ledger
from convo.usage_records import RunRecord

End = Literal["stopped", "failed", "not stored"]


class _Reached(NamedTuple):
    """The work that a retry continues from, and the runs that it took."""

    items: Sequence[Item] = ()
    agent: str | None = None
    carried: Sequence[int] = ()


def hold(tx: Transaction, asked: AskedTurn, process: Process) -> int:
    """Record a turn that is about to be asked; return its id.

    For a retry, raises `NotWaitingError` if the question has been stored or dropped in the
    meantime, and `ConflictError` if another process is asking it again.
    """
    number, reached = None, _Reached()
    if asked.retries is not None:
        waits = pending.require(tx, asked.retries)
        waits.require_ended()
        number = waits.number
        if not asked.from_start:
            reached = _reached(tx, waits)
    row_id: int = tx.value(
        "hold_turn",
        session_id=asked.session_id,
        branch_id=asked.branch_id,
        turn=asked.from_turn or _next_turn(tx, asked),
        from_turn=asked.from_turn,
        stem=asked.stem,
        retries=number,
        question=_json_of(asked.items),
        items=_json_of(reached.items),
        agent=reached.agent,
        carried=json.dumps(list(reached.carried)),
        options=json.dumps(dict(asked.options)),
        host=process.host,
        process=process.number,
        process_began=process.began,
    )
    return row_id


def save_answer(tx: Transaction, pending_id: int, answer: str) -> None:
    """Save what has arrived of the message that the model is writing."""
    tx.execute("save_held_answer", id=pending_id, answer=storable(answer))


def save(tx: Transaction, pending_id: int, progress: Progress) -> None:
    """Save the progress of a turn, and enter its cost in the ledger.

    The run is entered as interrupted until `end` or `settle` changes that.
    """
    _account(tx, pending_id, progress.run, "interrupted")
    tx.execute("save_held_progress", id=pending_id, **_columns(progress))


def end(
    tx: Transaction, pending_id: int, state: End, message: str | None, progress: Progress
) -> None:
    """Save how the turn ended, its progress, and its cost."""
    status: Literal["interrupted", "failed"] = "interrupted" if state == "stopped" else "failed"
    _account(tx, pending_id, progress.run, status)
    tx.execute(
        "end_held_turn",
        id=pending_id,
        state=state,
        message=None if message is None else storable(message),
        **_columns(progress),
    )


def settle(tx: Transaction, pending_id: int, session_id: str, turn: TurnRef) -> int | None:
    """Move the runs of all tries of a turn in the ledger to the turn that is now stored.

    Tries whose work is in the turn count as its runs, the others as spent beside it. Returns the
    row of the run that answered; None if the turn is no longer pending.
    """
    row = tx.row("run_of_held", id=pending_id)
    if row is None:
        return None
    run_id, carried = row[0], row[4]
    if run_id is None:
        run_id = ledger.enter_apart(
            tx,
            RunRecord(None, 0, 0, 0, 0),
            session_id=session_id,
            branch_id=turn.branch_id,
            turn=turn.turn,
        )
    tx.execute(
        "place_runs_of_held",
        id=pending_id,
        run_id=run_id,
        carried=carried,
        session_id=session_id,
        branch_id=turn.branch_id,
        turn=turn.turn,
        anchor=turn.anchor,
    )
    return int(run_id)


def has_runs(tx: Transaction, pending_id: int) -> bool:
    """Whether the ledger has runs of a pending turn, or of the tries that it continues."""
    row = tx.row("run_of_held", id=pending_id)
    return row is not None and (row[0] is not None or bool(json.loads(row[4])))


def forget(tx: Transaction, pending_id: int) -> None:
    """Drop a pending turn that is now stored, and its earlier tries."""
    tx.execute("forget_held_turn", id=pending_id)


def forget_session(tx: Transaction, session_id: str) -> None:
    """Drop the pending turns of a session that is being deleted, except those being answered.

    Their end is still to be recorded.
    """
    for turn in pending.of_session(tx, session_id):
        if turn.state != "running":
            forget(tx, turn.pending_id)


def drop(tx: Transaction, numbers: Sequence[int] | None) -> list[PendingTurn]:
    """Drop pending turns, all or none; None stands for all that are not being answered.

    Returns the dropped turns. Raises `NotWaitingError` if one does not exist, and `ConflictError`
    if one is being answered.
    """
    if numbers is None:
        dropped = [turn for turn in pending.waiting(tx) if turn.state != "running"]
    else:
        dropped = [pending.require(tx, number) for number in dict.fromkeys(numbers)]
    for turn in dropped:
        turn.require_ended()
        forget(tx, turn.pending_id)
    return dropped


def _reached(tx: Transaction, before: PendingTurn) -> _Reached:
    items = before.resumable()
    if not items:
        return _Reached()
    run_id, *_, carried = tx.row("run_of_held", id=before.pending_id)
    runs = [*values.list_of(int, carried), run_id]
    return _Reached(items, before.agent, [run for run in runs if run is not None])


def _account(
    tx: Transaction,
    pending_id: int,
    run: RunRecord | None,
    status: Literal["interrupted", "failed"],
) -> None:
    """Enter what a turn has cost so far, unless no server has reported any usage."""
    row = tx.row("run_of_held", id=pending_id)
    if run is None or row is None or not (run.requests or run.total_tokens):
        return
    run_id, session_id, branch_id, turn, _ = row
    entered = ledger.enter_apart(
        tx,
        run._replace(status=status),
        session_id=session_id or ledger.NO_SESSION,
        branch_id=branch_id,
        turn=turn,
        run_id=run_id,
    )
    tx.execute("note_run_of_held", id=pending_id, run_id=entered)


def _columns(progress: Progress) -> dict[str, str | None]:
    return {
        "answer": storable(progress.answer),
        "items": _json_of(progress.items),
        "running": json.dumps(list(progress.running)),
        "agent": None if progress.agent is None else storable(progress.agent),
    }


def _json_of(items: Sequence[Item]) -> str:
    return f"[{', '.join(item.data for item in encoded(items))}]"


def _next_turn(tx: Transaction, asked: AskedTurn) -> int:
    turns = asked.session_id and numbering.number_range(tx, asked.session_id, asked.branch_id)
    return turns[1] + 1 if turns else 1
