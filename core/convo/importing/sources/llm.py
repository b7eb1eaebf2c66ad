"""`llm`: its log database, with the threads and forks of 0.32, and the responses before that."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from convo.importing import items
from convo.importing.databases import database
from convo.importing.reading import array, count, table, text, when
from convo.importing.records import ImportedSession, ImportedTurn
from convo.importing.source import Places, Report
from convo.importing.sources import llm_responses
from convo.importing.sources.llm_log import Log, attachment_of, call_of, output_of, run_of
from convo.items.encoding import Item

_THREADS = {"threads", "messages", "parts", "turns"}
_RESPONSES = {"conversations", "responses"}


class LLM:
    """Each family of threads, which share their beginning, is a session with a branch for each."""

    name = "llm"

    def find(self, places: Places) -> Iterable[Path]:
        """The log database, where `llm` keeps it."""
        folder = places.named("LLM_USER_PATH") or places.config("io.datasette.llm")
        path = folder / "logs.db"
        return [path] if path.is_file() else []

    def sessions(self, path: Path, report: Report) -> Iterator[ImportedSession]:
        """The threads, then the conversations of older releases that no thread continues."""
        if path.is_dir():
            path = path / "logs.db"
        with database(path, report) as file:
            if file is None:
                return
            log = Log(file, path, report)
            if not (log.has(_THREADS) or log.has(_RESPONSES)):
                report.skip(path, None, "it is not a log of llm")
            continued = set()
            if log.has(_THREADS):
                for family in log.families():
                    continued |= {thread["id"] for thread in family}
                    if session := _session(log, family):
                        yield session
            if log.has(_RESPONSES):
                for row in log.rows("conversations"):
                    if text(row["id"]) and row["id"] not in continued:
                        yield llm_responses.session(log, row)


@dataclass
class _Turn:
    """A turn of a thread: its messages, and when and by what requests they were made."""

    id: str
    parent: str | None
    messages: list[str]
    requests: list[dict[str, Any]] = field(default_factory=list)


def _session(log: Log, family: list[dict[str, Any]]) -> ImportedSession | None:
    """The session of a family: each turn once, however many threads share it."""
    first = family[0]
    requests: dict[str, dict[str, Any]] = {}
    turns: dict[str, _Turn] = {}
    known: dict[str, tuple[str | None, str]] = {}
    old_ids = [turn.id for turn in llm_responses.turns_of(log, first["id"])]
    main = None
    for thread in family:
        for row in log.rows("requests", id=thread["id"]):
            requests[row["tip_message_hash"]] = row
        parent = None
        for number_of_turn, messages in enumerate(_turns(log, thread["tip_message_hash"], known)):
            parent = _added(turns, messages, parent, old_ids[number_of_turn : number_of_turn + 1])
        main = main or parent
    for turn in turns.values():
        turn.requests = [requests[one] for one in turn.messages if one in requests]
    if not turns:
        return None
    return ImportedSession(
        first["id"],
        text(first["name"]),
        (_turn(log, turn, known) for turn in turns.values()),
        when(first["datetime_utc"]),
        main=main,
    )


def _turns(log: Log, tip: object, known: dict[str, tuple[str | None, str]]) -> Iterator[list[str]]:
    """The messages up to one, in order: a list for each turn."""
    chain: list[str] = []
    seen: set[object] = set()
    while isinstance(tip, str) and tip not in seen:
        seen.add(tip)
        if tip not in known:
            found = log.rows("message", hash=tip)
            if not found:
                break
            known[tip] = found[0]["parent_hash"], str(found[0]["role"])
        chain.append(tip)
        tip = known[tip][0]
    turn: list[str] = []
    for one in reversed(chain):
        if known[one][1] == "user" and any(known[other][1] != "system" for other in turn):
            yield turn
            turn = []
        turn.append(one)
    if turn:
        yield turn


def _added(
    turns: dict[str, _Turn], messages: list[str], parent: str | None, old_id: list[str]
) -> str:
    """Add a turn unless it is known, and return its id: the same question may have two answers."""
    base = old_id[0] if old_id else messages[0]
    names = [base, *(f"{base} {message}" for message in messages[1:])]
    for name in names:
        found = turns.setdefault(name, _Turn(name, parent, messages))
        shared = min(len(found.messages), len(messages))
        if found.parent == parent and found.messages[:shared] == messages[:shared]:
            if len(messages) > shared:
                found.messages = messages
            return name
    return names[-1]


def _turn(log: Log, turn: _Turn, known: dict[str, tuple[str | None, str]]) -> ImportedTurn:
    found = [item for one in turn.messages for item in _message(log, one, known[one][1])]
    times = [when(row["datetime_utc"]) for row in turn.requests]
    return ImportedTurn(
        turn.id,
        turn.parent,
        found,
        min((time for time in times if time), default=None),
        runs=tuple(run_of(log, row) for row in turn.requests),
    )


def _message(log: Log, message: str, role: str) -> Iterator[Item]:
    """The items of a message."""
    said: list[str] = []
    shown: list[Item] = []
    for part in log.rows("parts", hash=message):
        payload = log.json(part["payload"])
        content = part["text"] if isinstance(part["text"], str) else _with_fragments(log, payload)
        if part["type"] == "text" and role in ("user", "system"):
            said.append(content)
        elif part["type"] == "text" and content:
            yield items.answered(content)
        elif part["type"] == "reasoning" and content:
            yield items.thought(content)
        elif part["type"] == "tool_call":
            yield items.called(*call_of(payload), payload.get("arguments"))
        elif part["type"] == "tool_result":
            yield items.returned(call_of(payload)[0], output_of(payload))
        shown += [attachment_of(row) for row in log.rows("attachments_of_part", id=part["id"])]
    if role == "system":
        yield items.instructed("\n".join(said))
    elif role == "user":
        yield items.asked("\n".join(said), shown)


def _with_fragments(log: Log, payload: dict[str, Any]) -> str:
    """A text that was kept in pieces, some of which are fragments."""
    pieces = []
    for piece in map(table, array(payload.get("text_ref"))):
        literal, found = piece.get("literal"), log.rows("fragment", id=count(piece.get("fragment")))
        pieces.append(literal if isinstance(literal, str) else _text_of(found, "content"))
    return "".join(pieces)


def _text_of(rows: list[dict[str, Any]], column: str) -> str:
    value = rows[0][column] if rows else ""
    return value if isinstance(value, str) else ""


SOURCE = LLM()
