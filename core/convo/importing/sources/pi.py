"""`pi`: the session files of pi, JSON Lines below `sessions` in its folder.

A file is a tree of entries, each with the `id` of the one that it follows; the first version wrote
lists. A session that was forked from another is a file with a copy of what came before.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from convo.importing.json_lines import Line, Place, ReadAgain, files_below, located
from convo.importing.pi_entries import turn_of
from convo.importing.reading import table, text, when
from convo.importing.records import ImportedSession, ImportedTurn
from convo.importing.source import Places, Report
from convo.importing.trees import Group, Message, Role, Turns, by_path

_ROLES: Mapping[str, Role] = {
    "user": "asked",
    "assistant": "answered",
    "toolResult": "beside",
    "bashExecution": "beside",
    "custom": "beside",
    "hookMessage": "beside",
}
_SUMMARIES: Mapping[str, Role] = {
    "compaction": "beside",
    "custom_message": "beside",
    # It stands before a question that leaves another line, and is kept with that question.
    "branch_summary": "nothing",
}


class _File(NamedTuple):
    """A session file, with the ids of its session and of the one that it names as its origin."""

    path: Path
    session: str
    origin: str | None
    first: str | None
    header: dict[str, Any]


class Pi:
    """Sessions with their branches, in one file or in several."""

    name = "pi"

    def find(self, places: Places) -> Iterable[Path]:
        """The folder of sessions that pi's variables name, or `~/.pi/agent/sessions`."""
        home = places.named("PI_CODING_AGENT_DIR") or places.home / ".pi" / "agent"
        folder = places.named("PI_CODING_AGENT_SESSION_DIR") or home / "sessions"
        return [folder] if folder.is_dir() else []

    def sessions(self, path: Path, report: Report) -> Iterator[ImportedSession]:
        """Forks that hold copies are branches of the session that they were made from."""
        found = [_file(one) for one in files_below(path, ".jsonl", report)]
        files = [file for file in found if file is not None]
        if path.is_file() and not files:
            report.skip(path, None, "it is not a session of pi")
        by_session = {file.session: file for file in files}
        families: dict[str, list[_File]] = {}
        for file in files:
            families.setdefault(_root(file, by_session), []).append(file)
        for root, family in families.items():
            yield _session(root, family, report)


def _file(path: Path) -> _File | None:
    """A session file by its first two lines; None if it is another file."""
    lines = located(path, Report())
    header = next((line for _, line in lines), {})
    session = text(header.get("id"))
    if header.get("type") != "session" or session is None:
        return None
    origin = text(header.get("parentSession")) or text(header.get("branchedFrom"))
    first = next((_entry_id(at, line) for at, line in lines), None)
    return _File(path, session, origin and _session_in(origin), first, header)


def _entry_id(line: Line, entry: dict[str, Any]) -> str:
    """The id of an entry; the first version copied entries without one to the same place."""
    return text(entry.get("id")) or f"{line.number} {entry.get('timestamp')}"


def _session_in(path: str) -> str:
    """The session in the name of a file, `TIME_SESSION.jsonl`."""
    return path.replace("\\", "/").rpartition("/")[2].removesuffix(".jsonl").rpartition("_")[2]


def _root(file: _File, by_session: Mapping[str, _File]) -> str:
    """The session with which a family of copies begins; its file may be gone."""
    passed: set[str] = set()
    while file.origin and file.session not in passed:
        passed.add(file.session)
        origin = by_session.get(file.origin)
        if origin is None or origin.first != file.first or file.first is None:
            # It was only started from there, and holds no copy.
            break
        file = origin
    return file.session


def _session(root: str, family: list[_File], report: Report) -> ImportedSession:
    family = sorted(family, key=lambda file: (file.session != root, file.path.name))
    messages: dict[str, Message] = {}
    name = None
    for at, file in enumerate(family):
        before: str | None = None
        for line, entry in located(file.path, report):
            if entry.get("type") == "session":
                continue
            if entry.get("type") == "session_info":
                name = text(entry.get("name"))
            entry_id = _entry_id(line, entry)
            parent = text(entry.get("parentId")) if "parentId" in entry else before
            if entry_id not in messages:
                place = Place(at, line)
                messages[entry_id] = Message(entry_id, parent, _role(entry), place)
            before = entry_id
    turns = by_path(messages)
    first = family[0]
    if turns.is_cut:
        report.skip(
            first.path, None, "some of its entries are in a circle, or on too many branches"
        )
    # The first file's line is the main one: a fork in another file is a branch.
    ends = (one.id for one in reversed(messages.values()) if one.content.file == 0)
    last = next(ends, "")
    return ImportedSession(
        root,
        name,
        _turns(turns, messages, [file.path for file in family]),
        when(first.header.get("timestamp")),
        text(first.header.get("cwd")),
        first.origin if first.origin != root and first.session == root else None,
        turns.turn_of.get(last),
    )


def _role(entry: dict[str, Any]) -> Role:
    message = table(entry.get("message"))
    if entry.get("type") != "message":
        return _SUMMARIES.get(text(entry.get("type")) or "", "nothing")
    if message.get("excludeFromContext") is True:
        return "nothing"
    return _ROLES.get(text(message.get("role")) or "", "nothing")


def _turns(
    turns: Turns, messages: Mapping[str, Message], paths: list[Path]
) -> Iterator[ImportedTurn]:
    with ReadAgain(paths) as files:
        for group in turns.groups:
            left = [files.object_at(one.content) for one in _before(group, messages)]
            entries = [files.object_at(one.content) for one in group.messages]
            yield turn_of(group, entries, left)


def _before(group: Group, messages: Mapping[str, Message]) -> list[Message]:
    """The entries that are not shown between a turn and the one before it, in their order."""
    found: dict[str, Message] = {}
    name = group.messages[0].parent or ""
    while name in messages and messages[name].role == "nothing" and name not in found:
        found[name] = messages[name]
        name = messages[name].parent or ""
    return list(found.values())[::-1]


SOURCE = Pi()
