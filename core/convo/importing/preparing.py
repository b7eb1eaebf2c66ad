"""Makes a session of a source ready to be stored, before the transaction that stores it."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from convo.errors import InvalidItemError, InvalidNameError
from convo.importing.pairing import whole
from convo.importing.records import ImportedRun, ImportedSession, ImportedTurn
from convo.items.encoding import (
    EncodedItem,
    Item,
    decode,
    encoded,
    message_type,
    storable,
    text_of,
)
from convo.names import check_name, slug
from convo.usage_records import RunRecord

LARGEST = 128 * 1024 * 1024
"""The most bytes of memory that a session may take, which is stored in one transaction."""

_TURN, _ITEM = 1_000, 300
"""Bytes that a turn and an item take in addition to their text."""

_LONGEST_ID = 500
_LONGEST_MODEL = 200
_STORED = "%Y-%m-%d %H:%M:%S"


class TooLargeError(Exception):
    """A session does not fit into memory."""


@dataclass(frozen=True, slots=True)
class PreparedTurn:
    """A turn with one question. `lead` are the items before that, of which there are few.

    `digest` changes with its items and its usage.
    """

    id: str
    parent: str | None
    lead: list[EncodedItem]
    items: list[EncodedItem]
    created_at: str
    runs: list[RunRecord]
    digest: str


@dataclass(frozen=True, slots=True)
class PreparedSession:
    """A session whose turns have their parents before them. `name` is not unique yet.

    `digest` changes with any of its turns, `size` is about what it takes in memory, and `lost` are
    turns that cannot be stored.
    """

    id: str
    name: str
    turns: list[PreparedTurn]
    created_at: str
    updated_at: str
    project: str | None
    parent: str | None
    main: str | None
    branches: dict[str, str]
    digest: str
    size: int
    lost: list[str] = field(default_factory=list)


def prepared(session: ImportedSession, prefix: str | None, now: datetime) -> PreparedSession:
    """A session, with its turns read from the source. `prefix` begins its name.

    Raises `TooLargeError`.
    """
    read = _Turns(_stored(session.created_at or now))
    for turn in session.turns:
        read.add(turn)
    turns = read.turns
    times = [turn.created_at for turn in turns] or [read.time]
    stem = slug(_text(session.name, 1_000) if session.name else _first_words(turns))
    return PreparedSession(
        _text(session.id, _LONGEST_ID),
        f"{prefix}-{stem}" if prefix else stem,
        turns,
        _stored(session.created_at) if session.created_at else min(times),
        max(times),
        session.project,
        None if session.parent is None else _text(session.parent, _LONGEST_ID),
        read.last_of(session.main),
        {
            last: name
            for turn_id, name in session.branches.items()
            if (last := read.last_of(turn_id)) and _is_name(name)
        },
        _digest(f"{turn.id}\n{turn.parent}\n{turn.digest}" for turn in turns),
        read.size,
        read.lost,
    )


class _Turns:
    """The turns of a session, as they are read. `time` is that of the last one."""

    def __init__(self, time: str) -> None:
        self.time = time
        self.turns: list[PreparedTurn] = []
        self.lost: list[str] = []
        self.size = 0
        self._last_of: dict[str, str | None] = {}
        """The last piece of each turn; of one that is lost, the turn before it."""

    def add(self, given: ImportedTurn) -> None:
        """Add a turn, unless there is one with its id. Raises `TooLargeError`."""
        turn_id = _text(given.id, _LONGEST_ID)
        if turn_id in self._last_of:
            return
        before = self.last_of(given.parent)
        if given.created_at is not None:
            self.time = _stored(given.created_at)
        pieces: list[PreparedTurn] = []
        try:
            pieces += _pieces(given, turn_id, before, self.time)
        except InvalidItemError:
            self.lost.append(turn_id)
            pieces.clear()
        self.turns += pieces
        self.size += sum(map(_size, pieces))
        if self.size > LARGEST:
            raise TooLargeError
        self._last_of[turn_id] = pieces[-1].id if pieces else before

    def last_of(self, turn_id: str | None) -> str | None:
        """The id of what was made of a turn of the source, or of its last piece."""
        return None if turn_id is None else self._last_of.get(_text(turn_id, _LONGEST_ID))


def _size(turn: PreparedTurn) -> int:
    return _TURN + sum(_ITEM + len(item.data) for item in (*turn.lead, *turn.items))


def _pieces(
    turn: ImportedTurn, turn_id: str, parent: str | None, time: str
) -> Iterator[PreparedTurn]:
    """The turn, or several if it has several questions. Raises `InvalidItemError`."""
    parts = _by_question(turn.items)
    given = turn.runs
    if not given and turn.model is not None:
        # Without a run, the turn would have no model.
        given = (ImportedRun(turn.model, 0, 0),)
    for number, (lead, items) in enumerate(parts, 1):
        own_id = turn_id if number == 1 else f"{turn_id}#{number}"
        own_runs = given if number == len(parts) else ()
        rows = encoded(whole(items))
        digest = _digest([*(row.data for row in rows), *map(repr, own_runs)])
        runs = [_record(run, time) for run in own_runs]
        yield PreparedTurn(own_id, parent, encoded(lead), rows, time, runs, digest)
        parent = own_id


def _by_question(items: Sequence[Item]) -> list[tuple[list[Item], list[Item]]]:
    """The items by question, each with the items before it that answer nothing."""
    parts: list[tuple[list[Item], list[Item]]] = []
    lead: list[Item] = []
    for item in items:
        if message_type(item) == "user":
            parts.append((lead, [item]))
            lead = []
        elif parts:
            parts[-1][1].append(item)
        else:
            lead.append(item)
    if lead:
        # Somebody other than the user began: the turn has an empty question.
        is_answer = next((at for at, item in enumerate(lead) if not _instructs(item)), len(lead))
        question = {"role": "user", "content": ""}
        parts.append((lead[:is_answer], [question, *lead[is_answer:]]))
    return parts


def _instructs(item: Item) -> bool:
    return isinstance(item, dict) and item.get("role") in ("system", "developer")


def _record(run: ImportedRun, time: str) -> RunRecord:
    details = {"cached_tokens": run.cached_tokens}
    if run.cache_write_tokens:
        details["cache_write_tokens"] = run.cache_write_tokens
    if run.cache_write_1h_tokens:
        details["cache_write_1h_tokens"] = run.cache_write_1h_tokens
    return RunRecord(
        model=None if run.model is None else _text(run.model, _LONGEST_MODEL),
        requests=run.requests,
        input_tokens=run.input_tokens,
        output_tokens=run.output_tokens,
        total_tokens=run.input_tokens + run.output_tokens,
        input_details=details,
        output_details={"reasoning_tokens": run.reasoning_tokens},
        started_at=time if run.started_at is None else _stored(run.started_at),
        duration_s=run.duration_s,
        recorded_cost=run.recorded_cost,
    )


def _stored(time: datetime) -> str:
    try:
        return (
            time.astimezone(UTC).strftime(_STORED) if time.year >= 1000 else "1970-01-01 00:00:00"
        )
    except (ValueError, OverflowError):
        return "1970-01-01 00:00:00"


def _is_name(name: str) -> bool:
    try:
        check_name("branch", name)
    except InvalidNameError:
        return False
    return True


def _first_words(turns: Sequence[PreparedTurn]) -> str:
    if not turns:
        return ""
    return text_of(decode(turns[0].items[0].data.encode()))


def _text(value: str, longest: int) -> str:
    """A text that a column can hold. Longer ones end in a digest, so that they stay different."""
    text = storable(value).replace("\0", "")
    return text if len(text) <= longest else f"{text[:longest]}…{_digest([text])}"


def _digest(texts: Iterator[str] | Sequence[str]) -> str:
    digest = hashlib.blake2b(digest_size=12)
    for text in texts:
        digest.update(text.encode("utf-8", "surrogatepass"))
        digest.update(b"\0")
    return digest.hexdigest()
