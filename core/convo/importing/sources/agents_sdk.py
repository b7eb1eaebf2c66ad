"""`agents-sdk`: databases of the OpenAI Agents SDK, of its plain and its advanced sessions."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from convo.importing.databases import OtherFile, database, queries
from convo.importing.reading import count, table, text, when
from convo.importing.records import ImportedRun, ImportedSession, ImportedTurn
from convo.importing.source import Places, Report
from convo.items.encoding import Item, decode, message_type
from convo.records import MAIN

_QUERIES = queries("agents_sdk")
_MESSAGES = {"id", "session_id", "message_data", "created_at"}
_DEFAULT = "agent_messages"
_STRUCTURE, _USAGE = "message_structure", "turn_usage"

Messages = dict[int, tuple[Item, Any]]
"""The items of a session by their ids, each with its time."""


class Pair(NamedTuple):
    """Two base tables, which may have any names, and whether the structure tables are theirs."""

    sessions: str
    messages: str
    has_structure: bool
    has_usage: bool

    def query(self, name: str) -> str:
        """A query of these tables."""
        query = _QUERIES[name].replace("{messages}", _quoted(self.messages))
        return query.replace("{sessions}", _quoted(self.sessions))


class AgentsSDK:
    """Each session of a database; one is known by the path of the database and its own name."""

    name = "agents-sdk"

    def find(self, places: Places) -> Iterable[Path]:
        """Such a file may lie anywhere."""
        return ()

    def sessions(self, path: Path, report: Report) -> Iterator[ImportedSession]:
        """The sessions of each pair of tables in the file."""
        with database(path, report) as file:
            if file is None:
                return
            pairs = _pairs(file)
            if not pairs:
                report.skip(path, None, "it has no tables of the Agents SDK")
            for pair in pairs:
                for row in file.rows(pair.query("sessions")):
                    if name := text(row["session_id"]):
                        yield _session(file, pair, path, name, row["created_at"], report)


def _pairs(file: OtherFile) -> list[Pair]:
    columns = file.columns()
    owner = _owners(file, _STRUCTURE).get("message_id") if _STRUCTURE in columns else None
    pairs = []
    for name, found in columns.items():
        sessions = _owners(file, name).get("session_id", "") if found >= _MESSAGES else ""
        if {"session_id", "created_at"} <= columns.get(sessions, set()):
            is_owner = owner == name
            pairs.append(Pair(sessions, name, is_owner, is_owner and _USAGE in columns))
    return pairs


def _owners(file: OtherFile, name: str) -> dict[str, str]:
    return {row["own"]: row["other"] for row in file.rows(_QUERIES["owners"], {"table": name})}


def _session(
    file: OtherFile, pair: Pair, path: Path, name: str, created_at: Any, report: Report
) -> ImportedSession:
    messages = _messages(file, pair, path, name, report)
    lines = _lines(file, pair, name, messages)
    tree = _Tree(messages, _usage(file, pair, name))
    ends = {branch: tree.add(branch, line) for branch, line in lines.items()}
    own = "" if pair.messages == _DEFAULT else f"{pair.messages}:"
    return ImportedSession(
        f"{path.resolve()}#{own}{name}",
        name,
        tree.turns,
        when(created_at),
        main=ends.get(MAIN),
        branches={end: branch for branch, end in ends.items() if end and branch != MAIN},
    )


def _messages(file: OtherFile, pair: Pair, path: Path, name: str, report: Report) -> Messages:
    found: Messages = {}
    for row in file.rows(pair.query("messages"), {"session_id": name}):
        try:
            data = row["message_data"]
            item = decode(data if isinstance(data, bytes) else str(data).encode("utf-8", "replace"))
        except ValueError:
            report.skip(path, None, f"message {row['id']} of session {name} is not JSON")
            continue
        found[row["id"]] = (item, row["created_at"])
    return found


Line = list[tuple[int, int | None]]
"""The ids of the messages of a branch, each with the number of its turn there."""


def _lines(file: OtherFile, pair: Pair, name: str, messages: Messages) -> dict[str, Line]:
    """The branches, `main` first. Messages without structure, as of a plain session, are on it."""
    lines: dict[str, Line] = {MAIN: []}
    placed = set()
    if pair.has_structure:
        for row in file.rows(_QUERIES["structure"], {"session_id": name}):
            placed.add(row["message_id"])
            if row["message_id"] in messages and isinstance(row["branch_id"], str):
                number = row["user_turn_number"]
                line = lines.setdefault(row["branch_id"], [])
                line.append((row["message_id"], number if type(number) is int else None))
    plain: Line = [(message_id, None) for message_id in messages if message_id not in placed]
    if plain:
        lines[MAIN] = sorted([*lines[MAIN], *plain], key=lambda one: one[0])
    return lines


def _usage(file: OtherFile, pair: Pair, name: str) -> dict[tuple[str, int], ImportedRun]:
    if not pair.has_usage:
        return {}
    return {
        (row["branch_id"], row["user_turn_number"]): _run(row)
        for row in file.rows(_QUERIES["usage"], {"session_id": name})
    }


def _run(row: Any) -> ImportedRun:
    inputs, outputs = (_details(row[f"{side}_tokens_details"]) for side in ("input", "output"))
    return ImportedRun(
        None,
        count(row["input_tokens"]),
        count(row["output_tokens"]),
        cached_tokens=count(inputs.get("cached_tokens")),
        cache_write_tokens=count(inputs.get("cache_write_tokens")),
        reasoning_tokens=count(outputs.get("reasoning_tokens")),
        requests=count(row["requests"]),
    )


def _details(value: Any) -> dict[str, Any]:
    try:
        return table(decode(value.encode("utf-8", "replace"))) if isinstance(value, str) else {}
    except ValueError:
        return {}


class _Tree:
    """Makes turns of branches, each once however many branches share it."""

    def __init__(self, messages: Messages, usage: dict[tuple[str, int], ImportedRun]) -> None:
        self.turns: list[ImportedTurn] = []
        self._messages = messages
        self._usage = usage
        self._known: dict[tuple[str | None, tuple[int, ...]], str] = {}
        self._ids: set[str] = set()

    def add(self, branch: str, line: Line) -> str | None:
        """Add the turns of a branch; return the id of its last one."""
        parent = None
        for turn in self._by_turn(line):
            ids = tuple(message_id for message_id, _ in turn)
            known = self._known.get((parent, ids))
            parent = known or self._added(branch, parent, ids, turn[-1][1])
        return parent

    def _by_turn(self, line: Line) -> list[Line]:
        """The messages by turn; those before the first question are in its turn."""
        turns: list[Line] = []
        has_question = False
        for message_id, number in line:
            asks = message_type(self._messages[message_id][0]) == "user"
            if not turns or (asks and has_question):
                turns.append([])
            has_question = has_question or asks
            turns[-1].append((message_id, number))
        return turns

    def _added(
        self, branch: str, parent: str | None, ids: tuple[int, ...], number: int | None
    ) -> str:
        turn_id = str(ids[0]) if str(ids[0]) not in self._ids else f"{ids[0]}@{branch}"
        self._ids.add(turn_id)
        self._known[parent, ids] = turn_id
        run = None if number is None else self._usage.get((branch, number))
        found = [self._messages[message_id] for message_id in ids]
        items = [item for item, _ in found]
        self.turns.append(
            ImportedTurn(turn_id, parent, items, when(found[0][1]), runs=(run,) if run else ())
        )
        return turn_id


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


SOURCE = AgentsSDK()
