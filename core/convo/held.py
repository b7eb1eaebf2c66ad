"""Turns held beside the history: asked, and not stored yet, or never.

A turn that is being answered is in no history. What is needed to ask it again, and what has
arrived of its answer, is held from before the model is asked until the turn is stored; where it
fails, is stopped, or its process is killed, it stays, to be asked again.
"""

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from convo import turns
from convo.items import Item, encoded, storable
from convo.processes import Process
from convo.timestamps import iso_utc
from convo.transaction import Transaction

KEPT = 20
"""Held turns of one session: the newest so many."""

End = Literal["stopped", "failed", "not stored"]
State = Literal["running", "killed", "stopped", "failed", "not stored"]


class AskedTurn(NamedTuple):
    """A turn as it is asked.

    `session_id` is None where the first turn names its session; `items` are the user's. With
    `from_turn` it is asked in place of that turn, in a branch that is made once it is answered
    and named after `stem`. `options` says how it was asked, in whatever the asking program wants
    to know again: JSON, and no secrets. `retries` is the held turn that is asked again with it.
    """

    session_id: str | None
    branch_id: str
    items: list[Item]
    from_turn: int | None = None
    stem: str | None = None
    options: Mapping[str, Any] = MappingProxyType({})
    retries: int | None = None


class HeldTurn(NamedTuple):
    """A turn that is in no history, and what had arrived of its answer.

    `turn` is the number that it would have had. `killed` are those whose process ended without a
    word; `message` says why one failed.
    """

    held_id: int
    asked: AskedTurn
    turn: int
    answer: str
    state: State
    message: str | None
    process: Process
    created_at: str
    updated_at: str


def hold(tx: Transaction, asked: AskedTurn, process: Process) -> int:
    """Hold a turn that is about to be asked, in place of the oldest; return its id."""
    row_id = tx.run(
        "hold_turn",
        session_id=asked.session_id,
        branch_id=asked.branch_id,
        turn=asked.from_turn or _next_turn(tx, asked),
        from_turn=asked.from_turn,
        stem=asked.stem,
        retries=None if asked.retries is None else tx.value("first_try", id=asked.retries),
        question=f"[{', '.join(item.data for item in encoded(asked.items))}]",
        options=json.dumps(dict(asked.options)),
        host=process.host,
        process=process.number,
        process_began=process.began,
    ).lastrowid
    assert row_id is not None
    tx.run("drop_oldest_held_turns", session_id=asked.session_id, kept=KEPT)
    return row_id


def save(tx: Transaction, held_id: int, answer: str) -> None:
    """Keep what has arrived of the answer."""
    tx.run("save_held_answer", id=held_id, answer=storable(answer))


def end(tx: Transaction, held_id: int, state: End, message: str | None, answer: str) -> None:
    """Keep how the turn ended, and what had arrived of its answer."""
    tx.run(
        "end_held_turn",
        id=held_id,
        state=state,
        message=None if message is None else storable(message),
        answer=storable(answer),
    )


def forget(tx: Transaction, held_id: int) -> None:
    """Let go of a turn that is stored now, and of the earlier tries of it."""
    tx.run("forget_held_turn", id=held_id)


def found(tx: Transaction, held_id: int) -> HeldTurn | None:
    """A held turn by its id; None where it is no longer held."""
    return next(_each(tx, [(held_id,)]), None)


def of_branch(tx: Transaction, session_id: str, branch_id: str) -> Iterator[HeldTurn]:
    """Those of a branch after which nothing was stored there, the newest first."""
    return _each(tx, tx.rows("held_turns_of_branch", session_id=session_id, branch_id=branch_id))


def of_new_sessions(tx: Transaction) -> Iterator[HeldTurn]:
    """Those that should have begun a session, and after which nothing was stored anywhere."""
    return _each(tx, tx.rows("held_first_turns"))


def _each(tx: Transaction, ids: list[tuple[int]]) -> Iterator[HeldTurn]:
    # One by one, because an attachment may be large and hardly anybody asks for a second turn.
    for (held_id,) in ids:
        row = tx.row("held_turn", id=held_id)
        if row is None:
            continue
        try:
            turn = _from_row(row)
        except (TypeError, ValueError):
            # A damaged row says nothing that could be asked again.
            continue
        yield turn


def _next_turn(tx: Transaction, asked: AskedTurn) -> int:
    there = asked.session_id and turns.number_range(tx, asked.session_id, asked.branch_id)
    return there[1] + 1 if there else 1


def _from_row(row: tuple[Any, ...]) -> HeldTurn:
    (held_id, session_id, branch_id, turn, from_turn, stem, question, options, answer) = row[:9]
    (state, message, host, number, began, created_at, updated_at, is_recent) = row[9:]
    process = Process(host, number, began)
    # Of another machine nobody can tell: it is believed as long as it has written lately.
    is_running = process.is_running() if process.is_here() else bool(is_recent)
    return HeldTurn(
        held_id=held_id,
        asked=AskedTurn(
            session_id, branch_id, json.loads(question), from_turn, stem, json.loads(options)
        ),
        turn=turn,
        answer=answer,
        state="killed" if state == "running" and not is_running else state,
        message=message,
        process=process,
        created_at=iso_utc(created_at),
        updated_at=iso_utc(updated_at),
    )
