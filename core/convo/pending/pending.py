"""Pending turns: asked, and not stored yet.

A turn that is being answered is not in the history. The question, and what has arrived of its
answer, are kept from before the model is asked until the turn is stored. If the turn fails, is
stopped, or its process is killed, it waits until the user asks it again or drops it.

Each try of a question has a row of its own. The number of a question is the id of its first try,
which is never reused; a question is described by its last try.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from convo.errors import ConflictError, NotWaitingError
from convo.items.encoding import Item
from convo.pending.processes import Process
from convo.pending.unfinished import resumable, said_of, told, tools_run
from convo.storage import values
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER, iso_utc
from convo.usage_records import RunRecord

State = Literal["running", "killed", "stopped", "failed", "not stored"]


class AskedTurn(NamedTuple):
    """A turn as it is asked.

    `session_id` is None if the turn is to begin a session that is named once it is stored. `items`
    are the user's. With `from_turn`, it is asked in place of that turn, on a branch named after
    `stem` that is made once it is answered. `options` is JSON, without secrets, with the settings
    that the asking program needs for a retry. `retries` is the pending turn that is asked again:
    any try, or the number of the question. A retry continues from what the tools have done, unless
    it is asked `from_start`.
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

    `items` are the complete items after the user's: messages of the model, tool calls, and their
    outputs. `running` are the ids of the calls that have begun and not ended, `agent` is the name
    of the agent that continues. `answer` is what has arrived of the message after the items, and
    `run` the cost of the requests so far; None if no server has reported it.
    """

    items: Sequence[Item] = ()
    running: Sequence[str] = ()
    agent: str | None = None
    answer: str = ""
    run: RunRecord | None = None


class PendingTurn(NamedTuple):
    """A pending turn, and its progress: see `Progress`.

    `number` is the number of the question, `pending_id` the id of its last try. `turn` is the
    number that the turn would have had, and `has_gone_on` whether its branch has changed since. In
    the state `killed`, the process ended without recording how; `message` says why a turn failed.
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
        """Raise `ConflictError` while a process is still answering the turn."""
        if self.state == "running":
            raise ConflictError(
                f"turn {self.turn} is still being answered by process {self.process.number}",
                hint="wait for its end, or end that process",
            )

    def arrived(self) -> list[Item]:
        """The items of the answer so far: the work that was done, and the text after it."""
        items = said_of(self.items, set(self.running))
        return [*items, {"role": "assistant", "content": self.answer}] if self.answer else items

    def resumable(self) -> list[Item]:
        """The items that a retry continues from, so that no tool is run twice; often empty."""
        return resumable(self.items, set(self.running))

    def told(self) -> list[Item]:
        """All items, with an output for each call whose result is unknown that says so."""
        return list(self.items) if self.state == "running" else told(self.items, set(self.running))

    def tools_run(self) -> list[str]:
        """The tools whose calls began, one name per call."""
        return tools_run(self.items, set(self.running))


def found(tx: Transaction, pending_id: int) -> PendingTurn | None:
    """The last try of a question, by its number or any try; None if it is no longer pending."""
    if abs(pending_id) > MAX_INTEGER:
        return None
    return next(_each(tx, tx.rows("last_try", id=pending_id)), None)


def require(tx: Transaction, pending_id: int) -> PendingTurn:
    """Like `found`; raises `NotWaitingError`, naming those that wait, if there is none."""
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
    """All pending turns, in the order in which they were first asked."""
    return _each(tx, tx.rows("last_tries"))


def count(tx: Transaction) -> int:
    """The number of pending turns that wait for a retry: all that are not being answered."""
    tries = tx.rows("processes_of_last_tries")
    return sum(_state(state, Process(*who), recent) != "running" for state, *who, recent in tries)


def of_branch(tx: Transaction, session_id: str, branch_id: str) -> Iterator[PendingTurn]:
    """The pending turns whose last try was on a branch, the newest first."""
    return _each(tx, tx.rows("last_tries_of_branch", session_id=session_id, branch_id=branch_id))


def of_session(tx: Transaction, session_id: str) -> Iterator[PendingTurn]:
    """The pending turns of a session."""
    return _each(tx, tx.rows("last_tries_of_session", session_id=session_id))


def is_asked(tx: Transaction, session_id: str) -> bool:
    """Whether a pending turn belongs to a session, or is to begin it."""
    return bool(tx.value("is_held_of_session", session_id=session_id))


def of_new_sessions(tx: Transaction) -> Iterator[PendingTurn]:
    """The pending turns that are to begin a session that does not exist, the newest first."""
    return _each(tx, tx.rows("last_tries_of_new_sessions"))


def _each(tx: Transaction, ids: list[tuple[int | None]]) -> Iterator[PendingTurn]:
    # One by one: an attachment may be large, and most callers want only the first turn.
    for (pending_id,) in ids:
        row = tx.row("held_turn", id=pending_id)
        if row is None:
            continue
        try:
            turn = _from_row(row)
        except (TypeError, ValueError, RecursionError):
            # A damaged row has nothing that could be asked again.
            continue
        yield turn


def _from_row(row: tuple[Any, ...]) -> PendingTurn:
    """The turn in a row. Raises `TypeError` or `ValueError` if the row is damaged."""
    (pending_id, number, session_id, branch_id, turn, from_turn, stem, question, options) = row[:9]
    (answer, state, message, host, pid, began, created_at, updated_at) = row[9:17]
    (is_recent, has_gone_on, items, running, agent) = row[17:]
    if not isinstance(session_id, str | None):
        raise TypeError("the name of the session is not text")
    if not isinstance(branch_id, str) or not isinstance(turn, int):
        raise TypeError("the branch is not text, or the turn is not a number")
    process = Process(host, pid, began)
    return PendingTurn(
        pending_id=pending_id,
        # A try that retries nothing is a question of its own.
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
    """The user's items of a question; the first one has the text that was typed."""
    first = items[0] if isinstance(items, list) and items else None
    if not isinstance(first, dict) or not isinstance(first.get("content"), str | list):
        raise ValueError("the question has no content")
    return list(items)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _state(stored: State, process: Process, is_recent: object) -> State:
    """The state of a try, given the stored one: its process may have been killed since."""
    if stored != "running":
        return stored
    # A process on another machine cannot be checked: it counts as running if it wrote recently.
    is_running = process.is_running() if process.is_here() else bool(is_recent)
    return "running" if is_running else "killed"
