"""Turns held beside the history: asked, and not stored yet, or never.

A turn that is being answered is in no history. What is needed to ask it again, and what has
arrived of its answer, is held from before the model is asked until the turn is stored; where it
fails, is stopped, or its process is killed, it waits until it is asked again, or dropped on demand.

Each try of a question is held by itself. The number of a question is the id of its first try, and
is never given to another; what is told of a question is told of its last try.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeVar

from convo import cells, ledger, turns
from convo.errors import ConflictError, NotWaitingError
from convo.items import Item, encoded, storable
from convo.processes import Process
from convo.records import RunRecord, TurnRef
from convo.timestamps import iso_utc
from convo.transaction import MAX_INTEGER, Transaction
from convo.unfinished import resumable, said_of, told, tools_run

T = TypeVar("T")

End = Literal["stopped", "failed", "not stored"]
State = Literal["running", "killed", "stopped", "failed", "not stored"]


class AskedTurn(NamedTuple):
    """A turn as it is asked.

    `session_id` is None where the first turn names its session; `items` are the user's. With
    `from_turn` it is asked in place of that turn, in a branch that is made once it is answered
    and named after `stem`. `options` says how it was asked, in whatever the asking program wants
    to know again: JSON, and no secrets. `retries` is the held turn that is asked again with it:
    any try, or the number of the question. What its tools have done is gone on from, unless it is
    asked `from_start`.
    """

    session_id: str | None
    branch_id: str
    items: list[Item]
    from_turn: int | None = None
    stem: str | None = None
    options: Mapping[str, Any] = MappingProxyType({})
    retries: int | None = None
    from_start: bool = False


class Progress(NamedTuple):
    """How far a running turn has come.

    `items` are those after the user's that are whole: what the model said, the calls of tools, and
    their outputs. `running` are the ids of the calls that have begun and not ended, `agent` is the
    name of the agent that goes on. `answer` is what has arrived of the message after the items,
    and `run` what the requests so far cost; None where no server has said.
    """

    items: Sequence[Item] = ()
    running: Sequence[str] = ()
    agent: str | None = None
    answer: str = ""
    run: RunRecord | None = None


class HeldTurn(NamedTuple):
    """A turn that is in no history, and how far it had come: see `Progress`.

    `number` is that of the question, `held_id` that of its last try; `turn` is the number that the
    turn would have had then, and `has_gone_on` whether its branch has changed since. `killed` are
    those whose process ended without a word; `message` says why one failed.
    """

    held_id: int
    number: int
    asked: AskedTurn
    turn: int
    answer: str
    state: State
    message: str | None
    process: Process
    created_at: str
    updated_at: str
    has_gone_on: bool
    items: list[Item]
    running: list[str]
    agent: str | None

    def require_ended(self) -> None:
        """Raise `ConflictError` while a process is still at the answer."""
        if self.state == "running":
            raise ConflictError(
                f"turn {self.turn} is still being answered by process {self.process.number}",
                hint="wait for its end, or end that process",
            )

    def arrived(self) -> list[Item]:
        """What there is of the answer: the work that was done, and what was said after it."""
        items = said_of(self.items, set(self.running))
        return [*items, {"role": "assistant", "content": self.answer}] if self.answer else items

    def resumable(self) -> list[Item]:
        """The items to go on from, so that nothing that has run is run again; often none."""
        return resumable(self.items, set(self.running))

    def told(self) -> list[Item]:
        """The items, with an output that says so for each call whose result nobody knows."""
        return list(self.items) if self.state == "running" else told(self.items, set(self.running))

    def tools_run(self) -> list[str]:
        """The tools whose calls began, one name a call."""
        return tools_run(self.items, set(self.running))


class _Reached(NamedTuple):
    """What a turn that is asked again goes on from, and the runs that this cost."""

    items: Sequence[Item] = ()
    agent: str | None = None
    carried: Sequence[int] = ()


def hold(tx: Transaction, asked: AskedTurn, process: Process) -> int:
    """Hold a turn that is about to be asked; return its id.

    Raises `NotWaitingError` and `ConflictError` where it is a retry of a question that was stored
    or dropped in the meantime, or that somebody else is asking again.
    """
    number, reached = None, _Reached()
    if asked.retries is not None:
        waits = require(tx, asked.retries)
        waits.require_ended()
        number = waits.number
        if not asked.from_start:
            reached = _reached(tx, waits)
    row_id = tx.run(
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
    ).lastrowid
    assert row_id is not None
    return row_id


def save_answer(tx: Transaction, held_id: int, answer: str) -> None:
    """Keep what has arrived of the message that the model is writing."""
    tx.run("save_held_answer", id=held_id, answer=storable(answer))


def save(tx: Transaction, held_id: int, progress: Progress) -> None:
    """Keep how far a turn has come, and enter in the ledger what that cost.

    It is entered as interrupted: that it is, unless somebody comes to say how it ended.
    """
    _account(tx, held_id, progress.run, "interrupted")
    tx.run("save_held_progress", id=held_id, **_columns(progress))


def end(tx: Transaction, held_id: int, state: End, message: str | None, progress: Progress) -> None:
    """Keep how the turn ended, how far it had come, and what it cost."""
    status: Literal["interrupted", "failed"] = "interrupted" if state == "stopped" else "failed"
    _account(tx, held_id, progress.run, status)
    tx.run(
        "end_held_turn",
        id=held_id,
        state=state,
        message=None if message is None else storable(message),
        **_columns(progress),
    )


def settle(tx: Transaction, held_id: int, session_id: str, turn: TurnRef) -> int | None:
    """Have all tries of a turn stand in the ledger where it is stored now.

    Those whose work is in the turn count as its runs, the others as spent beside it. Returns the
    row of the run that answered; None where the turn is no longer held.
    """
    row = tx.row("run_of_held", id=held_id)
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
    tx.run(
        "place_runs_of_held",
        id=held_id,
        run_id=run_id,
        carried=carried,
        session_id=session_id,
        branch_id=turn.branch_id,
        turn=turn.turn,
        anchor=turn.anchor,
    )
    return int(run_id)


def has_runs(tx: Transaction, held_id: int) -> bool:
    """Whether the ledger knows what a held turn, and what it goes on from, has cost."""
    row = tx.row("run_of_held", id=held_id)
    return row is not None and (row[0] is not None or bool(json.loads(row[4])))


def forget(tx: Transaction, held_id: int) -> None:
    """Let go of a turn that is stored now, and of the earlier tries of it."""
    tx.run("forget_held_turn", id=held_id)


def forget_session(tx: Transaction, session_id: str) -> None:
    """Let go of the questions of a session that is going, but for those that are being answered.

    The end of those is yet to be told.
    """
    for turn in _each(tx, tx.rows("last_tries_of_session", session_id=session_id)):
        if turn.state != "running":
            forget(tx, turn.held_id)


def drop(tx: Transaction, numbers: Sequence[int] | None) -> list[HeldTurn]:
    """Let go of questions, all or none; of all that are not being answered where none are named.

    Returns what was let go of. Raises `NotWaitingError` and `ConflictError`.
    """
    if numbers is None:
        dropped = [turn for turn in waiting(tx) if turn.state != "running"]
    else:
        dropped = [require(tx, number) for number in dict.fromkeys(numbers)]
    for turn in dropped:
        turn.require_ended()
        forget(tx, turn.held_id)
    return dropped


def found(tx: Transaction, held_id: int) -> HeldTurn | None:
    """The last try of a question, by its number or any try; None where it is held no longer."""
    if abs(held_id) > MAX_INTEGER:
        return None
    return next(_each(tx, tx.rows("last_try", id=held_id)), None)


def require(tx: Transaction, held_id: int) -> HeldTurn:
    """Like `found`; raises `NotWaitingError`, saying which there are."""
    turn = found(tx, held_id)
    if turn is None:
        there = [str(waits.number) for waits in waiting(tx)]
        raise NotWaitingError(
            f"no prompt {held_id} waits to be asked again",
            hint=f"{', '.join(there)} {'does' if len(there) == 1 else 'do'}"
            if there
            else "none waits at all",
        )
    return turn


def waiting(tx: Transaction) -> Iterator[HeldTurn]:
    """Every question that is held, in the order in which they were asked first."""
    return _each(tx, tx.rows("last_tries"))


def count(tx: Transaction) -> int:
    """How many questions wait to be asked again: all but those that are being answered."""
    tries = tx.rows("processes_of_last_tries")
    return sum(_state(state, Process(*who), recent) != "running" for state, *who, recent in tries)


def of_branch(tx: Transaction, session_id: str, branch_id: str) -> Iterator[HeldTurn]:
    """Those that were asked last on a branch, the newest first."""
    return _each(tx, tx.rows("last_tries_of_branch", session_id=session_id, branch_id=branch_id))


def is_asked(tx: Transaction, session_id: str) -> bool:
    """Whether a question is held that belongs to a session, or should begin it."""
    return bool(tx.value("is_held_of_session", session_id=session_id))


def of_new_sessions(tx: Transaction) -> Iterator[HeldTurn]:
    """Those that should have begun a session that is not there, the newest first."""
    return _each(tx, tx.rows("last_tries_of_new_sessions"))


def _reached(tx: Transaction, before: HeldTurn) -> _Reached:
    items = before.resumable()
    if not items:
        return _Reached()
    run_id, *_, carried = tx.row("run_of_held", id=before.held_id)
    runs = [*_list_of(int, carried), run_id]
    return _Reached(items, before.agent, [run for run in runs if run is not None])


def _account(
    tx: Transaction, held_id: int, run: RunRecord | None, status: Literal["interrupted", "failed"]
) -> None:
    """Enter what a turn has cost until now, unless no server has said that it cost anything."""
    row = tx.row("run_of_held", id=held_id)
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
    tx.run("note_run_of_held", id=held_id, run_id=entered)


def _columns(progress: Progress) -> dict[str, str | None]:
    return {
        "answer": storable(progress.answer),
        "items": _json_of(progress.items),
        "running": json.dumps(list(progress.running)),
        "agent": None if progress.agent is None else storable(progress.agent),
    }


def _json_of(items: Sequence[Item]) -> str:
    return f"[{', '.join(item.data for item in encoded(items))}]"


def _each(tx: Transaction, ids: list[tuple[int | None]]) -> Iterator[HeldTurn]:
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
    """The turn that a row holds. Raises TypeError or ValueError where it cannot be one."""
    (held_id, number, session_id, branch_id, turn, from_turn, stem, question, options) = row[:9]
    (answer, state, message, host, pid, began, created_at, updated_at) = row[9:17]
    (is_recent, has_gone_on, items, running, agent) = row[17:]
    if not isinstance(session_id, str | None):
        raise TypeError("a session has a name")
    if not isinstance(branch_id, str) or not isinstance(turn, int):
        raise TypeError("a turn is held on a branch, and has a number there")
    process = Process(host, pid, began)
    return HeldTurn(
        held_id=held_id,
        # A try of nothing is a question of its own.
        number=number if isinstance(number, int) else held_id,
        asked=AskedTurn(
            session_id,
            branch_id,
            _question(json.loads(question)),
            cells.whole(from_turn),
            cells.text(stem),
            _mapping(json.loads(options)),
        ),
        turn=turn,
        answer=cells.text(answer) or "",
        state=_state(state, process, is_recent),
        message=cells.text(message),
        process=process,
        created_at=iso_utc(created_at),
        updated_at=iso_utc(updated_at),
        has_gone_on=bool(has_gone_on),
        items=_list_of(dict, items),
        running=_list_of(str, running),
        agent=cells.text(agent),
    )


def _question(items: Any) -> list[Item]:
    """The items of a question: those of the user, of which the first has what was typed."""
    first = items[0] if isinstance(items, list) and items else None
    if not isinstance(first, dict) or not isinstance(first.get("content"), str | list):
        raise ValueError("a question has a content")
    return list(items)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list_of(kind: type[T], data: str) -> list[T]:
    """What a list as JSON has of a kind: others may have written anything there."""
    found = json.loads(data)
    return [one for one in found if isinstance(one, kind)] if isinstance(found, list) else []


def _state(stored: State, process: Process, is_recent: object) -> State:
    """How a try stands that is stored as so or so: a process may end without a word."""
    if stored != "running":
        return stored
    # Of another machine nobody can tell: it is believed as long as it has written lately.
    is_running = process.is_running() if process.is_here() else bool(is_recent)
    return "running" if is_running else "killed"
