"""`codex`: the rollout files of Codex, JSON Lines below `sessions` in its folder.

A thread of Codex is a file. One that was forked from another holds a copy of its beginning, or says
at which of its lines it leaves it; undoing makes new files of the same thread too. The files of
such a family are one session here, whose forks are branches.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from convo.importing.codex_lines import drafts
from convo.importing.json_lines import files_below, located
from convo.importing.reading import count, table, text, when
from convo.importing.records import ImportedSession, ImportedTurn
from convo.importing.source import Places, Report

_HEAD = 4
"""The lines at the beginning of a file that may name its thread, and what it is a copy of."""
_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_NAMED = re.compile(rf"({_ID})(?:_({_ID}))?\.jsonl")
"""The end of a name: the thread, and after an undo the file itself."""


class _File(NamedTuple):
    """A rollout file, and what its first lines say.

    `base` is the thread or file that it was forked from, and `base_end` the number of the line
    there that it does not share; without one it holds a copy. `parent` is the thread that started
    it as a sub-agent, whose lines may come before the one with the number `first`.
    """

    path: Path
    thread: str
    rollout: str
    base: str | None
    base_end: int | None
    parent: str | None
    first: int
    created_at: object
    project: str | None
    about: str | None


class _Known(NamedTuple):
    """A turn of a file, which another file may have a copy of, or leave at."""

    id: str
    digest: int
    ordinal: int


class Codex:
    """Families of threads as sessions with branches, and a session for each sub-agent."""

    name = "codex"

    def find(self, places: Places) -> Iterable[Path]:
        """`$CODEX_HOME`, or `~/.codex`, if it has threads."""
        home = places.named("CODEX_HOME") or places.home / ".codex"
        return [home] if _folders(home) else []

    def sessions(self, path: Path, report: Report) -> Iterator[ImportedSession]:
        """The sessions in a file, in a folder of files, or in Codex's own folder."""
        files = [
            _file(one) for folder in _folders(path) or [path] for one in _rollouts(folder, report)
        ]
        files.sort(key=lambda file: file.path.name)
        titles = _titles(path) or _titles(path.parent)
        by_name: dict[str, _File] = {}
        for file in files:
            by_name.setdefault(file.rollout, file)
            by_name.setdefault(file.thread, file)
        families: dict[str, list[_File]] = {}
        for file in files:
            families.setdefault(_root(file, by_name), []).append(file)
        for root, family in families.items():
            first = family[0]
            parent = by_name.get(first.parent) if first.parent else None
            yield ImportedSession(
                root,
                titles.get(root) or first.about,
                _root_last(root, _turns(family, by_name, report)),
                when(first.created_at),
                first.project,
                _root(parent, by_name) if parent else first.parent,
            )


def _folders(path: Path) -> list[Path]:
    folders = (path / "sessions", path / "archived_sessions")
    return [folder for folder in folders if folder.is_dir()]


def _rollouts(path: Path, report: Report) -> list[Path]:
    """The rollout files below a folder, or the file itself; of two forms of one, the plain one."""
    found = files_below(path, (".jsonl", ".jsonl.zst"), report)
    if path.is_dir():
        found = [file for file in found if file.name.startswith("rollout-")]
    plain = set(found)
    return [file for file in found if file.suffix == ".jsonl" or file.with_suffix("") not in plain]


def _titles(folder: Path) -> dict[str, str]:
    """The names that the user has given to threads, the newest last in the file."""
    path = folder / "session_index.jsonl"
    lines = located(path, Report()) if path.is_file() else ()
    named = ((text(line.get("id")), text(line.get("thread_name"))) for _, line in lines)
    return {thread: name for thread, name in named if thread and name}


def _file(path: Path) -> _File:
    named = _NAMED.search(path.name)
    thread = named[1] if named else path.name.split(".")[0]
    rollout = named[2] if named and named[2] else None
    metas = [
        table(line.get("payload")) or line
        for _, line in islice(located(path, Report()), _HEAD)
        if line.get("type") == "session_meta" or ("id" in line and "type" not in line)
    ]
    meta: dict[str, Any] = metas[0] if metas else {}
    copied = next((one.get("id") for one in metas if one.get("id") != meta.get("id")), None)
    spawn = table(table(table(meta.get("source")).get("subagent")).get("thread_spawn"))
    parent = text(spawn.get("parent_thread_id")) or text(meta.get("parent_thread_id"))
    shared = table(meta.get("history_base"))
    end = shared.get("end_ordinal_exclusive")
    thread = text(meta.get("id")) or thread
    return _File(
        path,
        thread,
        rollout or thread,
        text(shared.get("thread_id")) or text(meta.get("forked_from_id")) or text(copied),
        end if isinstance(end, int) else None,
        parent,
        count(meta.get("subagent_history_start_ordinal")),
        meta.get("timestamp"),
        text(meta.get("cwd")),
        text(spawn.get("agent_nickname")) or text(spawn.get("agent_path")),
    )


def _root(file: _File, by_name: Mapping[str, _File]) -> str:
    """The thread with which the family of a file begins."""
    passed: set[str] = set()
    while file.base and not file.parent and file.rollout not in passed:
        passed.add(file.rollout)
        if file.base not in by_name:
            return file.base
        file = by_name[file.base]
    return file.thread


def _root_last(root: str, turns: Iterable[tuple[str, ImportedTurn]]) -> Iterator[ImportedTurn]:
    """The turns of threads, that of the first thread's end last, whose line is the main one."""
    held: ImportedTurn | None = None
    for thread, turn in turns:
        if held is not None and (thread == root or turn.parent == held.id):
            yield held
            held = None
        if thread == root:
            held = turn
        else:
            yield turn
    if held is not None:
        yield held


def _turns(
    family: list[_File], by_name: Mapping[str, _File], report: Report
) -> Iterator[tuple[str, ImportedTurn]]:
    """The turns of a family that are no copies, each with its thread."""
    known: dict[str, list[_Known]] = {}
    used: set[str] = set()
    for file in family:
        base = by_name.get(file.base) if file.base else None
        shared = known.get(base.rollout, []) if base else []
        if file.base_end is not None:
            shared = [one for one in shared if one.ordinal < file.base_end]
        is_copy = file.base_end is None and bool(shared)
        left = shared[-1].id if shared and not is_copy else None
        copied = _copied_from_parent(file, by_name)
        turns: list[_Known] = []
        for draft in drafts(file.path, report, first=file.first):
            digest = hash(json.dumps(draft.items)) if len(family) > 1 else 0
            same = shared[draft.number] if is_copy and draft.number < len(shared) else None
            if same is not None and same.digest == digest:
                turns.append(same)
                continue
            is_copy = False
            name = draft.id if draft.id and draft.id not in used else None
            name = name or f"{file.rollout}/{draft.number}"
            turns.append(_Known(name, digest, draft.ordinal))
            if draft.number < copied or name in used:
                continue
            used.add(name)
            follows = left if draft.follows is None else turns[draft.follows].id
            parent = follows if follows in used else None
            found = (draft.items, draft.created_at, draft.model, draft.runs)
            yield file.thread, ImportedTurn(name, parent, *found)
        known[file.rollout] = [*([] if file.base_end is None else shared), *turns]


def _copied_from_parent(file: _File, by_name: Mapping[str, _File]) -> int:
    """The number of turns at the beginning of a sub-agent's file that are its parent's.

    Versions that number their lines say where its own begin.
    """
    parent = by_name.get(file.parent) if file.parent and file.base and not file.first else None
    if parent is None or parent.rollout == file.rollout:
        return 0
    copied = 0
    pairs = zip(drafts(file.path, Report()), drafts(parent.path, Report()), strict=False)
    for own, other in pairs:
        if own.items[0] != other.items[0]:
            break
        copied += 1
    return copied


SOURCE = Codex()
