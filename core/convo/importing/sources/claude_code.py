"""`claude-code`: the session files of Claude Code, JSON Lines below `projects` in its folder.

A file is a tree of messages, each with its own `uuid` and that of the one that it follows. It is
read twice: for that structure, and then a turn at a time.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from convo.importing.claude_code_lines import role_of, turn_of
from convo.importing.json_lines import Place, ReadAgain, files_below, located
from convo.importing.reading import json_file, table, text, when
from convo.importing.records import ImportedSession, ImportedTurn
from convo.importing.source import Places, Report
from convo.importing.trees import Message, Turns, by_question

_TITLES = {"custom-title": "customTitle", "ai-title": "aiTitle"}
"""The lines that name the conversation, the user's first, and the field that has the name."""
_BEGINNING = re.compile(rb'"parentUuid"\s*:\s*null')
_MOST_BEGINNINGS = 10_000


class _Conversation:
    """The messages in the files of a conversation, without their contents."""

    def __init__(self, *, is_agent: bool = False) -> None:
        self.messages: dict[str, Message] = {}
        self.sides: dict[str, Message] = {}
        """Messages of sub-agents, which old versions wrote into the file of their session."""
        self.sessions: dict[str, None] = {}
        self.project: str | None = None
        self.began: object = None
        self._is_agent = is_agent
        self._titles: dict[str, str] = {}
        self._summaries: dict[str | None, str] = {}
        self._names: dict[str, str] = {}

    def add(self, place: Place, line: dict[str, Any]) -> None:
        kind = text(line.get("type")) or ""
        if title := text(line.get(_TITLES.get(kind, ""))):
            self._titles[kind] = title
        elif kind == "summary" and (title := text(line.get("summary"))):
            self._summaries[text(line.get("leafUuid"))] = title
        written = text(line.get("uuid"))
        if written is None or kind in _TITLES:
            return
        self._names[written] = name = _name(line, written)
        if session := text(line.get("sessionId")):
            self.sessions[session] = None
        if name in self.messages or name in self.sides:
            return
        self.project = self.project or text(line.get("cwd"))
        self.began = self.began or line.get("timestamp")
        is_side = line.get("isSidechain") is True and not self._is_agent
        messages = self.sides if is_side else self.messages
        parent = text(line.get("parentUuid")) or text(line.get("logicalParentUuid"))
        parent = self._names.get(parent, parent) if parent else None
        if parent is not None and parent not in messages:
            # No file has it, as after some compactions: the line before stands in for it.
            parent = next(reversed(messages), None)
        is_summary = parent is None and line.get("isCompactSummary") is True
        messages[name] = Message(name, parent, "asked" if is_summary else role_of(line), place)

    def title(self) -> str | None:
        named = next((self._titles[kind] for kind in _TITLES if kind in self._titles), None)
        # Old versions wrote the titles of other conversations into a file too.
        about = (title for leaf, title in self._summaries.items() if leaf in self.messages)
        return named or next(about, None)

    def sub_agents(self) -> Iterator[tuple[str, dict[str, Message]]]:
        """The messages of each sub-agent in the file of its session, with the id of the first."""
        found: dict[str, dict[str, Message]] = {}
        firsts: dict[str, str] = {}
        for one in self.sides.values():
            firsts[one.id] = first = firsts[one.parent] if one.parent else one.id
            found.setdefault(first, {})[one.id] = one
        yield from found.items()


class ClaudeCode:
    """Sessions with their forks, and one for each sub-agent."""

    name = "claude-code"

    def find(self, places: Places) -> Iterable[Path]:
        """`projects` in `$CLAUDE_CONFIG_DIR`, or in the folders that versions have used."""
        named = places.named("CLAUDE_CONFIG_DIR")
        folders = [named] if named else [places.home / ".claude", places.config("claude")]
        return [folder / "projects" for folder in folders if (folder / "projects").is_dir()]

    def sessions(self, path: Path, report: Report) -> Iterator[ImportedSession]:
        """Files with copies of the same messages are one session, whose forks are branches."""
        found = files_below(path, ".jsonl", report)
        files = [file for file in found if file.name != "journal.jsonl"]
        agents = [file for file in files if file.name.startswith("agent-")]
        ids: dict[str, str] = {}
        for family in _families([file for file in files if file not in set(agents)]):
            read = _read(family, report)
            first = next(iter(read.messages), None)
            if first is not None:
                ids |= dict.fromkeys(read.sessions, first)
                yield _session(first, family, read, read.messages)
            for name, messages in read.sub_agents():
                yield _session(name, family, read, messages, parent=first)
        for agent in agents:
            read = _read([agent], report, is_agent=True)
            if read.messages:
                session = next(iter(read.sessions), agent.parent.name)
                about = table(json_file(meta, report)) if (meta := _about(agent)) else {}
                parent = text(about.get("parentAgentId"))
                yield _session(
                    f"{session}/{agent.stem}",
                    [agent],
                    read,
                    read.messages,
                    title=text(about.get("description")),
                    parent=f"{session}/agent-{parent}" if parent else ids.get(session, session),
                )


def _families(files: Sequence[Path]) -> list[list[Path]]:
    """Files that have a beginning in common, the oldest first: one is a copy of the other."""
    families = {number: [file] for number, file in enumerate(files)}
    found: dict[str, int] = {}
    for number, file in enumerate(files if len(files) > 1 else ()):
        family = number
        for beginning in _beginnings(file):
            other = found.setdefault(beginning, family)
            if other != family:
                families[other] += families.pop(family)
                found |= dict.fromkeys((name for name in found if found[name] == family), other)
                family = other
    return [sorted(family, key=_age) for family in families.values()]


def _beginnings(file: Path) -> Iterator[str]:
    """The messages of a file that follow no other."""
    for number, (_, line) in enumerate(located(file, Report(), only=_BEGINNING)):
        if number < _MOST_BEGINNINGS and (written := text(line.get("uuid"))):
            yield _name(line, written)


def _age(file: Path) -> tuple[float, str]:
    try:
        return file.stat().st_mtime, file.name
    except OSError:
        return 0, file.name


def _name(line: dict[str, Any], written: str) -> str:
    """The id of a message; a copy has a new one, and names that of the message it was made from."""
    return text(table(line.get("forkedFrom")).get("messageUuid")) or written


def _about(agent: Path) -> Path | None:
    """The file that says what a sub-agent is for, if there is one."""
    path = agent.with_suffix(".meta.json")
    return path if path.is_file() else None


def _read(family: Sequence[Path], report: Report, *, is_agent: bool = False) -> _Conversation:
    read = _Conversation(is_agent=is_agent)
    for number, file in enumerate(family):
        for line, value in located(file, report):
            read.add(Place(number, line), value)
    return read


def _session(
    name: str,
    family: Sequence[Path],
    read: _Conversation,
    messages: dict[str, Message],
    *,
    title: str | None = None,
    parent: str | None = None,
) -> ImportedSession:
    turns = by_question(messages)
    shown = (turns.turn_of[one.id] for one in reversed(messages.values()) if one.role != "nothing")
    return ImportedSession(
        name,
        title if parent else read.title(),
        _turns(turns, family),
        when(read.began),
        read.project,
        parent,
        next(filter(None, shown), None),
    )


def _turns(turns: Turns, family: Sequence[Path]) -> Iterator[ImportedTurn]:
    with ReadAgain(family) as files:
        for group in turns.groups:
            yield turn_of(group, (files.object_at(one.content) for one in group.messages))


SOURCE = ClaudeCode()
