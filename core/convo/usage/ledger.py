"""The ledger of runs, which keeps usage whatever is deleted.

`turn_usage`, which is shared with the SDK, has one row per turn, deleted with the turn. The ledger
has one row per run of any program: usage that the SDK stored is entered just before it would be
deleted, and read from `turn_usage` until then.
"""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from convo.records import TurnRef
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER
from convo.usage.details import is_number
from convo.usage_records import RunRecord

NO_SESSION = ""
"""The session of runs that are to begin one, until it has begun."""


_INSERTS = "insert_run"

Entry = dict[str, Any]
"""The values of a run for the ledger, by the names in its statements."""


class LedgerRun(NamedTuple):
    """A run in the ledger; details and entries are JSON."""

    id: int
    requests: int
    input_tokens: int
    output_tokens: int
    total_tokens: int
    input_details: str | None
    output_details: str | None
    request_entries: str


class Account(NamedTuple):
    """A turn's runs in the ledger, and the state of its session.

    `turn` is None if there is none. `has_foreign` is whether the SDK has stored usage that is in
    no run. `generation` counts the clears of the session, `is_adopted` is whether all its messages
    have their structure.
    """

    generation: int
    is_adopted: bool
    turn: TurnRef | None
    has_foreign: bool
    runs: list[LedgerRun]


def account(tx: Transaction, session_id: str, branch_id: str, anchor: int | None) -> Account:
    """The turn that the row `anchor` began, wherever it is now, or else the last of a branch."""
    tx.reserve(_INSERTS, 1)
    rows = tx.rows("turn_account", session_id=session_id, branch_id=branch_id, anchor=anchor)
    generation, is_adopted, branch, number, began, has_foreign, *_ = rows[0]
    return Account(
        generation or 0,
        bool(is_adopted),
        None if branch is None else TurnRef(branch, number, began),
        bool(has_foreign),
        [LedgerRun._make(row[6:]) for row in rows if row[6] is not None],
    )


def begun_by(run: RunRecord, runs: Sequence[LedgerRun], run_id: int | None) -> LedgerRun | None:
    """The one of these rows that a run continues, because it was entered before the run ended.

    It is found by `run_id`, or else by the requests: a resumed run reports its usage from its
    start, so the entries of its first part are a prefix of its entries now.
    """
    return next(
        (
            other
            for other in runs
            if other.id == run_id or (run_id is None and _is_begun_by(run, other))
        ),
        None,
    )


def enter(
    tx: Transaction,
    session_id: str,
    turn: TurnRef,
    entry: Entry,
    before: LedgerRun | None,
    *,
    has_usage: bool = False,
) -> int:
    """Enter a run, or update the row `before`; returns the id of the row.

    `has_usage` is whether the row with the usage of the turn includes it.
    """
    if before is not None:
        tx.execute("replace_run", id=before.id, has_usage=has_usage, **entry)
        return before.id
    place = {"session_id": session_id, "branch_id": turn.branch_id, "turn": turn.turn}
    return _insert(tx, entry, anchor=turn.anchor, has_usage=has_usage, **place)


def enter_lost(
    tx: Transaction, session_id: str, turn: TurnRef, run: RunRecord, run_id: int | None
) -> int:
    """Enter a run whose turn has been deleted; returns the id of its row."""
    enter_foreign(tx, session_id, turn.branch_id, turn.turn)
    before = begun_by(run, runs_of(tx, session_id, turn), run_id)
    return enter(tx, session_id, turn, entry_of(run), before)


def spent(entry: Entry) -> LedgerRun:
    """A run as it will be in the ledger, without an id yet."""
    return LedgerRun(0, *(entry[name] for name in LedgerRun._fields[1:]))


def runs_of(tx: Transaction, session_id: str, turn: TurnRef) -> list[LedgerRun]:
    """All runs of a turn, even of a deleted one."""
    key = {"session_id": session_id, "branch_id": turn.branch_id, "turn": turn.turn}
    return list(map(LedgerRun._make, tx.rows("runs_of_turn", anchor=turn.anchor, **key)))


def enter_apart(
    tx: Transaction,
    run: RunRecord,
    *,
    session_id: str,
    branch_id: str,
    turn: int,
    run_id: int | None = None,
) -> int:
    """Enter a run that is in no turn of the history, or update its row.

    Returns the id of the row.
    """
    if run_id is not None:
        tx.execute("replace_run", id=run_id, has_usage=False, **entry_of(run))
        return run_id
    place = {"session_id": session_id, "branch_id": branch_id, "turn": turn}
    return _insert(tx, entry_of(run), anchor=None, has_usage=False, **place)


def enter_foreign(
    tx: Transaction, session_id: str, branch_id: str, turn: int | None = None
) -> None:
    """Enter the usage that the SDK stored for a branch, or for one turn of it."""
    tx.execute(
        "enter_foreign_usage",
        session_id=session_id,
        branch_id=branch_id,
        **turn_bounds(turn),
    )


def enter_foreign_since(
    tx: Transaction, session_id: str, branch_id: str, first_turn: int | None
) -> None:
    """Enter the usage that the SDK stored for the turns of a branch from one on, or for all."""
    tx.execute(
        "enter_foreign_usage", session_id=session_id, branch_id=branch_id, **bounds_from(first_turn)
    )


def enter_all_foreign(tx: Transaction, session_id: str | None = None) -> None:
    """Enter the usage that the SDK stored for a session, or for all sessions."""
    tx.execute("enter_foreign_usage_of_session", session_id=session_id)


def turn_bounds(turn: int | None) -> dict[str, int]:
    """The parameters of a statement for one turn or, with None, for all turns."""
    return (
        {"first_turn": -MAX_INTEGER, "last_turn": MAX_INTEGER}
        if turn is None
        else {
            "first_turn": turn,
            "last_turn": turn,
        }
    )


def bounds_from(first_turn: int | None) -> dict[str, int]:
    """The parameters of a statement for the turns from one on or, with None, for all turns."""
    return {
        "first_turn": -MAX_INTEGER if first_turn is None else first_turn,
        "last_turn": MAX_INTEGER,
    }


def _is_begun_by(run: RunRecord, other: LedgerRun) -> bool:
    entries = json.loads(other.request_entries)
    if entries:
        begun = run.request_entries[: len(entries)]
        return len(begun) == len(entries) and all(map(_is_same_request, begun, entries))
    # A row of the SDK has no entries: it is a prefix if its totals match those of as many requests.
    begun = run.request_entries[: other.requests]
    sums = [
        sum(entry.get(key, 0) for entry in begun)
        for key in ("input_tokens", "output_tokens", "total_tokens")
    ]
    totals = [other.input_tokens, other.output_tokens, other.total_tokens]
    return 0 < other.requests == len(begun) and sums == totals


def _is_same_request(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two entries may be of the same request; ids decide if both have one."""
    ids = one.get("response_id"), other.get("response_id")
    if None not in ids and ids[0] != ids[1]:
        return False
    return {**one, "response_id": None} == {**other, "response_id": None}


def entry_of(run: RunRecord) -> Entry:
    """The entry of a run."""
    return {
        "model": run.model,
        "estimated": run.estimated,
        "requests": run.requests,
        "input_tokens": run.input_tokens,
        "cached_tokens": _detail(run.input_details, "cached_tokens"),
        "output_tokens": run.output_tokens,
        "reasoning_tokens": _detail(run.output_details, "reasoning_tokens"),
        "total_tokens": run.total_tokens,
        "input_details": _json_or_none(run.input_details),
        "output_details": _json_or_none(run.output_details),
        "request_entries": json.dumps(run.request_entries),
        "status": run.status,
        "started_at": run.started_at,
        "duration_s": run.duration_s,
        "last_agent": run.last_agent,
        "answer_schema": run.answer_schema,
        "base_url": run.base_url,
        "agent": run.agent,
        "recorded_cost": run.recorded_cost,
        "first_token_s": run.first_token_s,
        "cache_write_tokens": _detail(run.input_details, "cache_write_tokens"),
        "cache_write_1h_tokens": _detail(run.input_details, "cache_write_1h_tokens"),
        "audio_input_tokens": _detail(run.input_details, "audio_tokens"),
        "audio_output_tokens": _detail(run.output_details, "audio_tokens"),
        "longest_request": _longest(run),
        "tool_times": json.dumps(dict(run.tool_times)) if run.tool_times else None,
    }


def _insert(tx: Transaction, entry: Entry, **place: Any) -> int:
    (entered,) = tx.insert(_INSERTS, [{**place, **entry}])
    return entered


def _longest(run: RunRecord) -> int:
    """The input tokens of the longest request; of requests without an entry, those of all."""
    lengths = [entry.get("input_tokens") for entry in run.request_entries]
    known = [length for length in lengths if type(length) is int]
    return max(run.input_tokens - sum(known), *known, 0)


def _detail(details: dict[str, Any] | None, key: str) -> int:
    """A count of the details; 0 if it is no count, which would be taken off those of other runs."""
    value = (details or {}).get(key)
    is_count = is_number(value) and 0 <= value <= MAX_INTEGER  # type: ignore[operator]
    return int(value) if is_count else 0  # type: ignore[arg-type]


def _json_or_none(details: dict[str, Any] | None) -> str | None:
    return None if details is None else json.dumps(details)
