"""Token usage by turn: stored after a run, asked for, dropped with the turn it belongs to."""

import json
from collections.abc import Iterable
from typing import Any

from convo.items.collecting import still
from convo.items.decoding import values_of
from convo.records import RunRecord, TurnRef
from convo.results import SessionUsage, TurnUsage, TurnUsageDetails
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER
from convo.usage import ledger


def store(
    tx: Transaction,
    session_id: str,
    turn: TurnRef,
    run: RunRecord,
    run_id: int | None = None,
) -> int:
    """Enter a run in the ledger and set the usage of its turn to the sum of the turn's runs.

    `run_id` is the run's row in the ledger, where it is known to have one. Returns that row.
    """
    run_id, runs = ledger.enter(tx, session_id, turn, run, run_id)
    _set_turn(tx, session_id, turn, runs)
    return run_id


def sum_up(tx: Transaction, session_id: str, turn: TurnRef) -> None:
    """Set the usage of a turn to the sum of the runs that the ledger has of it."""
    _set_turn(tx, session_id, turn, ledger.runs_of(tx, session_id, turn))


def _set_turn(
    tx: Transaction, session_id: str, turn: TurnRef, runs: Iterable[tuple[Any, ...]]
) -> None:
    key = {"session_id": session_id, "branch_id": turn.branch_id, "turn": turn.turn}
    totals = [0, 0, 0, 0]
    input_details: Any = None
    output_details: Any = None
    for *counts, inputs, outputs in runs:
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
        input_details = ledger.added_details(input_details, _details(inputs))
        output_details = ledger.added_details(output_details, _details(outputs))
    requests, input_tokens, output_tokens, total_tokens = totals
    turn_usage_id = tx.value(
        "set_turn_usage",
        requests=requests,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        total_tokens=total_tokens,
        input_details=None if input_details is None else json.dumps(input_details),
        output_details=None if output_details is None else json.dumps(output_details),
        **key,
    )
    tx.execute("note_turn_usage_of_runs", turn_usage_id=turn_usage_id, anchor=turn.anchor, **key)


def forget_turns(tx: Transaction, session_id: str, branch_id: str, turn: int | None = None) -> None:
    """Drop the usage of a branch that is going, or of one turn; the ledger keeps it."""
    ledger.enter_foreign(tx, session_id, branch_id, turn)
    tx.execute(
        "delete_turn_usage_of_branch",
        session_id=session_id,
        branch_id=branch_id,
        **ledger.turn_bounds(turn),
    )


def forget_session(tx: Transaction, session_id: str) -> None:
    """Drop the usage of a session that is going; the ledger keeps it."""
    ledger.enter_all_foreign(tx, session_id)
    tx.execute("delete_turn_usage_of_session", session_id=session_id)


def of_session(tx: Transaction, session_id: str, branch_id: str | None) -> SessionUsage | None:
    """The sum over the turns that are there, on all branches or on one."""
    if branch_id is None:
        row = tx.row("session_usage", session_id=session_id)
    else:
        row = tx.row("branch_usage", session_id=session_id, branch_id=branch_id)
    requests, input_tokens, output_tokens, total_tokens, turns = row
    if requests is None:
        return None
    return {
        "requests": requests or 0,
        "input_tokens": input_tokens or 0,
        "output_tokens": output_tokens or 0,
        "total_tokens": total_tokens or 0,
        "total_turns": turns,
    }


def of_turns(tx: Transaction, session_id: str, branch_id: str) -> list[TurnUsage]:
    """The usage of every turn of a branch that has any, in order."""
    rows = tx.rows(
        "turn_usage", session_id=session_id, branch_id=branch_id, **ledger.turn_bounds(None)
    )
    with still:
        details = zip(
            values_of(row[5] for row in rows), values_of(row[6] for row in rows), strict=True
        )
        # Made here, not by a call for each: that would cost as much as reading the JSON.
        return [
            {
                "user_turn_number": turn,
                "requests": requests,
                "input_tokens": input_tokens,
                "output_tokens": output_tokens,
                "total_tokens": total_tokens,
                "input_tokens_details": inputs if isinstance(inputs, dict) else None,
                "output_tokens_details": outputs if isinstance(outputs, dict) else None,
            }
            for (turn, requests, input_tokens, output_tokens, total_tokens, *_), (
                inputs,
                outputs,
            ) in zip(rows, details, strict=True)
        ]


def of_turn(tx: Transaction, session_id: str, branch_id: str, turn: int) -> TurnUsageDetails | None:
    """The usage of one turn; None where none is stored."""
    if abs(turn) > MAX_INTEGER:
        return None
    row = tx.row(
        "turn_usage", session_id=session_id, branch_id=branch_id, **ledger.turn_bounds(turn)
    )
    if row is None:
        return None
    _, requests, input_tokens, output_tokens, total_tokens, inputs, outputs = row
    return {
        "requests": requests,
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "total_tokens": total_tokens,
        "input_tokens_details": _details(inputs),
        "output_tokens_details": _details(outputs),
    }


def _details(stored: str | bytes | None) -> dict[str, Any] | None:
    if not stored:
        return None
    try:
        details = json.loads(stored)
    except ValueError:
        return None
    return details if isinstance(details, dict) else None
