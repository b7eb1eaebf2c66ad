"""Pending turns: asked, and not stored yet, or never.

A turn that is being answered is in no history. What is needed to ask it again, and what has
arrived of its answer, is held from before the model is asked until the turn is stored; where it
fails, is stopped, or its process is killed, it waits until it is asked again, or dropped on demand.

Each try of a question is held by itself. The number of a question is the id of its first try, and
is never given to another; a question is described by its last try.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from convo.errors import ConflictError, NotWaitingError
from convo.items.encoding import Item
from convo.pending.processes import Process
from convo.pending.unfinished import resumable, said_of, told, tools_run
from convo.records import RunRecord
from convo.storage import values
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER, iso_utc

State = Literal["running", "killed", "stopped", "failed", "not stored"]


class AskedTurn(NamedTuple):
    """A turn as it is asked.

    `session_id` is None where the first turn names its session; `items` are the user's. With
    `from_turn` it is asked in place of that turn, in a branch that is made once it is answered
    and named after `stem`. `options` says how it was asked, in whatever the asking program wants
    to know again: JSON, and no secrets. `retries` is the pending turn that is asked again with it:
    any try, or the number of the question. It goes on from what its tools have done, unless it is
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


class PendingTurn(NamedTuple):
    """A turn that is in no history, and how far it had come: see `Progress`.

    `number` is that of the question, `pending_id` that of its last try; `turn` is the number that
    the turn would have had then, and `has_gone_on` whether its branch has changed since. `killed`
    are those whose process ended without a word; `message` says why one failed.
    """

    pending_id: int
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
        """The items, with an output for each call whose result is unknown, saying that it is."""
        return list(self.items) if self.state == "running" else told(self.items, set(self.running))

    def tools_run(self) -> list[str]:
        """The tools whose calls began, one name a call."""
        return tools_run(self.items, set(self.running))


def found(tx: Transaction, pending_id: int) -> PendingTurn | None:
    """The last try of a question, by its number or any try; None where it is held no longer."""
    if abs(pending_id) > MAX_INTEGER:
        return None
    return next(_each(tx, tx.rows("last_try", id=pending_id)), None)


def require(tx: Transaction, pending_id: int) -> PendingTurn:
    """Like `found`; raises `NotWaitingError`, saying which there are."""
    turn = found(tx, pending_id)
    if turn is None:
        there = [str(waits.number) for waits in waiting(tx)]
        raise NotWaitingError(
            f"no prompt {pending_id} waits to be asked again",
            hint=f"{', '.join(there)} {'does' if len(there) == 1 else 'do'}"
            if there
            else "none waits at all",
        )
    return turn


def waiting(tx: Transaction) -> Iterator[PendingTurn]:
    """Every question that is held, in the order in which they were asked first."""
    return _each(tx, tx.rows("last_tries"))


def count(tx: Transaction) -> int:
    """How many questions wait to be asked again: all but those that are being answered."""
    tries = tx.rows("processes_of_last_tries")
    return sum(_state(state, Process(*who), recent) != "running" for state, *who, recent in tries)


def of_branch(tx: Transaction, session_id: str, branch_id: str) -> Iterator[PendingTurn]:
    """Those that were asked last on a branch, the newest first."""
    return _each(tx, tx.rows("last_tries_of_branch", session_id=session_id, branch_id=branch_id))


def of_session(tx: Transaction, session_id: str) -> Iterator[PendingTurn]:
    """Those that were asked in a session."""
    return _each(tx, tx.rows("last_tries_of_session", session_id=session_id))


def is_asked(tx: Transaction, session_id: str) -> bool:
    """Whether a question is held that belongs to a session, or should begin it."""
    return bool(tx.value("is_held_of_session", session_id=session_id))


def of_new_sessions(tx: Transaction) -> Iterator[PendingTurn]:
    """Those that should have begun a session that is not there, the newest first."""
    return _each(tx, tx.rows("last_tries_of_new_sessions"))


def _each(tx: Transaction, ids: list[tuple[int | None]]) -> Iterator[PendingTurn]:
    # One by one, because an attachment may be large and hardly anybody asks for a second turn.
    for (pending_id,) in ids:
        row = tx.row("held_turn", id=pending_id)
        if row is None:
            continue
        try:
            turn = _from_row(row)
        except (TypeError, ValueError, RecursionError):
            # A damaged row says nothing that could be asked again.
            continue
        yield turn


def _from_row(row: tuple[Any, ...]) -> PendingTurn:
    """The turn that a row holds. Raises TypeError or ValueError where it cannot be one."""
    (pending_id, number, session_id, branch_id, turn, from_turn, stem, question, options) = row[:9]
    (answer, state, message, host, pid, began, created_at, updated_at) = row[9:17]
    (is_recent, has_gone_on, items, running, agent) = row[17:]
    if not isinstance(session_id, str | None):
        raise TypeError("a session has a name")
    if not isinstance(branch_id, str) or not isinstance(turn, int):
        raise TypeError("a turn is held on a branch, and has a number there")
    process = Process(host, pid, began)
    return PendingTurn(
        pending_id=pending_id,
        # A try of nothing is a question of its own.
        number=number if isinstance(number, int) else pending_id,
        asked=AskedTurn(
            session_id,
            branch_id,
            _question(json.loads(question)),
            values.whole(from_turn),
            values.text(stem),
            _mapping(json.loads(options)),
        ),
        turn=turn,
        answer=values.text(answer) or "",
        state=_state(state, process, is_recent),
        message=values.text(message),
        process=process,
        created_at=iso_utc(created_at),
        updated_at=iso_utc(updated_at),
        has_gone_on=bool(has_gone_on),
        items=values.list_of(dict, items),
        running=values.list_of(str, running),
        agent=values.text(agent),
    )


def _question(items: Any) -> list[Item]:
    """The items of a question: those of the user, of which the first has what was typed."""
    first = items[0] if isinstance(items, list) and items else None
    if not isinstance(first, dict) or not isinstance(first.get("content"), str | list):
        raise ValueError("a question has a content")
    return list(items)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _state(stored: State, process: Process, is_recent: object) -> State:
    """How a try stands that is stored as so or so: a process may end without a word."""
    if stored != "running":
        return stored
    # Of another machine nobody can tell: it is believed as long as it has written lately.
    is_running = process.is_running() if process.is_here() else bool(is_recent)
    return "running" if is_running else "killed"
