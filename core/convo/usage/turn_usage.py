"""Token usage by turn: stored after a run, queried, and deleted with its turn."""

import itertools
import json
from collections.abc import Iterable, Sequence
from typing import Any

from convo.items.decoding import still, values_of
from convo.records import TurnRef
from convo.results import SessionUsage, TurnUsage, TurnUsageDetails
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER
from convo.usage import ledger
from convo.usage.details import added
from convo.usage.ledger import Account, LedgerRun
from convo.usage_records import RunRecord


def store(
    tx: Transaction,
    session_id: str,
    turn: TurnRef,
    run: RunRecord,
    run_id: int | None = None,
    account: Account | None = None,
) -> int:
    """Enter a run in the ledger and set the usage of its turn to the sum of the turn's runs.

    Pass `run_id` if the run is known to have a row in the ledger, and `account` if it has been read
    already. Returns the id of the run's row.
    """
    if account is None:
        account = ledger.account(tx, session_id, turn.branch_id, turn.anchor)
    if account.has_foreign:
        ledger.enter_foreign(tx, session_id, turn.branch_id, turn.turn)
        account = ledger.account(tx, session_id, turn.branch_id, turn.anchor)
    before = ledger.begun_by(run, account.runs, run_id)
    entry = ledger.entry_of(run)
    spent = ledger.spent(entry)
    runs = [spent if other is before else other for other in account.runs]
    runs += [] if before else [spent]
    _set_turn(tx, session_id, turn, runs)
    if any(other is not before for other in account.runs):
        _note_turn_usage(tx, session_id, turn)
    return ledger.enter(tx, session_id, turn, entry, before, has_usage=True)


def store_first(
    tx: Transaction, session_id: str, turn: TurnRef, runs: Sequence[RunRecord]
) -> list[int]:
    """Enter the runs of a turn that has none yet, and set its usage to their sum.

    Returns the ids of their rows.
    """
    if not runs:
        return []
    entries = [ledger.entry_of(run) for run in runs]
    _set_turn(tx, session_id, turn, map(ledger.spent, entries))
    return [ledger.enter(tx, session_id, turn, entry, None, has_usage=True) for entry in entries]


def replace_runs(
    tx: Transaction, session_id: str, turn: TurnRef, runs: Sequence[RunRecord]
) -> None:
    """Set the runs of a turn, of which the first ones may have been entered already."""
    before = ledger.runs_of(tx, session_id, turn)
    for run, known in itertools.zip_longest(runs, before[: len(runs)]):
        ledger.enter(tx, session_id, turn, ledger.entry_of(run), known)
    if runs:
        sum_up(tx, session_id, turn)


def sum_up(tx: Transaction, session_id: str, turn: TurnRef) -> None:
    """Set the usage of a turn to the sum of its runs in the ledger."""
    _set_turn(tx, session_id, turn, ledger.runs_of(tx, session_id, turn))
    _note_turn_usage(tx, session_id, turn)


def _set_turn(tx: Transaction, session_id: str, turn: TurnRef, runs: Iterable[LedgerRun]) -> None:
    """Set the usage of a turn to the sum of these runs."""
    requests = input_tokens = output_tokens = total_tokens = 0
    input_details: list[str | None] = []
    output_details: list[str | None] = []
    for run in runs:
        requests += run.requests
        input_tokens += run.input_tokens
        output_tokens += run.output_tokens
        total_tokens += run.total_tokens
        input_details.append(run.input_details)
        output_details.append(run.output_details)
    tx.execute(
        "set_turn_usage",
        session_id=session_id,
        branch_id=turn.branch_id,
        turn=turn.turn,
        requests=requests,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        total_tokens=total_tokens,
        input_details=_together(input_details),
        output_details=_together(output_details),
    )


def _together(stored: list[str | None]) -> str | None:
    """The details of several runs added up, or those of a single run as they are stored."""
    found: Any = None
    for one in stored:
        found = added(found, _details(one))
    if found is None:
        return None
    return stored[0] if len(stored) == 1 else json.dumps(found)


def _note_turn_usage(tx: Transaction, session_id: str, turn: TurnRef) -> None:
    tx.execute(
        "note_turn_usage_of_runs",
        session_id=session_id,
        branch_id=turn.branch_id,
        turn=turn.turn,
        anchor=turn.anchor,
    )


def forget_turns(tx: Transaction, session_id: str, branch_id: str, turn: int | None = None) -> None:
    """Delete the usage of a branch, or of one turn, which is being deleted; the ledger keeps it."""
    ledger.enter_foreign(tx, session_id, branch_id, turn)
    tx.execute(
        "delete_turn_usage_of_branch",
        session_id=session_id,
        branch_id=branch_id,
        **ledger.turn_bounds(turn),
    )


def forget_session(tx: Transaction, session_id: str) -> None:
    """Delete the usage of a session that is being deleted; the ledger keeps it."""
    ledger.enter_all_foreign(tx, session_id)
    tx.execute("delete_turn_usage_of_session", session_id=session_id)


def of_session(tx: Transaction, session_id: str, branch_id: str | None) -> SessionUsage | None:
    """The sum over existing turns, on all branches or on one."""
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
    """The usage of the turns of a branch that have any, in order."""
    rows = tx.rows(
        "turn_usage", session_id=session_id, branch_id=branch_id, **ledger.turn_bounds(None)
    )
    with still:
        details = zip(
            values_of(row[5] for row in rows), values_of(row[6] for row in rows), strict=True
        )
        # Built inline: a function call would cost as much as parsing the JSON.
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
    """The usage of one turn; None if none is stored."""
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
