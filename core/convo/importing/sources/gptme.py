"""`gptme`: the conversations of gptme, a folder for each with JSON Lines of messages.

What was undone or edited is a copy in its `branches`, and a fork is a copy of the folder. Messages
have no ids: a message is the same in two files if all that was said before it is the same too.
"""

import json
import tomllib
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from convo.importing.gptme_messages import local_time, role_of, turn_of
from convo.importing.json_lines import Place, ReadAgain, files_below, located
from convo.importing.reading import opened, table, text
from convo.importing.records import ImportedSession, ImportedTurn
from convo.importing.source import Places, Report
from convo.importing.trees import Message, Turns, by_path

_MAIN = "conversation.jsonl"
_LONGEST_CONFIG = 1024 * 1024


class Gptme:
    """Conversations with their branches and forks."""

    name = "gptme"

    def find(self, places: Places) -> Iterable[Path]:
        """The folder of logs that gptme's variables name, or that of its data."""
        usual = [places.home / ".local" / "share", places.data("gptme").parent]
        bases = [named] if (named := places.named("XDG_DATA_HOME")) else usual
        folders = [base / "gptme" / "logs" for base in bases]
        if (logs := places.named("GPTME_LOGS_HOME")) is not None:
            folders = [logs]
        return [folder for folder in dict.fromkeys(folders) if folder.is_dir()][:1]

    def sessions(self, path: Path, report: Report) -> Iterator[ImportedSession]:
        """Forks are branches of the conversation whose folder's name is the first."""
        families: dict[str, list[Path]] = {}
        for file in [path] if path.is_file() else _conversations(path, report):
            if (session := _session_of(file)) is not None:
                families.setdefault(session, []).append(file)
            elif file == path:
                report.skip(path, None, "it is not a conversation of gptme")
        for session, files in families.items():
            yield _session(session, files, report)


def _conversations(folder: Path, report: Report) -> list[Path]:
    """The files of one conversation's folder, or of a folder of such folders."""
    found = [file for file in files_below(folder, _MAIN, report) if file.name == _MAIN]
    return [file for file in found if folder in (file.parent, file.parent.parent)]


def _session_of(file: Path) -> str | None:
    """The time of the first message, which copies of a conversation share; None for other files."""
    first = next((line for _, line in located(file, Report())), {})
    if first.get("role") not in ("system", "user", "assistant") or "content" not in first:
        return None
    return text(first.get("timestamp")) or file.parent.name


def _session(session: str, files: list[Path], report: Report) -> ImportedSession:
    paths = [one for file in files for one in (file, *_branches(file, report))]
    messages: dict[str, Message] = {}
    times: dict[str, str] = {}
    last = ""
    for at, path in enumerate(paths):
        before: str | None = None
        for line, message in located(path, report):
            role = role_of(message, is_first=before is None)
            if role == "nothing":
                continue
            name = _name(before, message)
            if name not in messages:
                messages[name] = Message(name, before, role, Place(at, line))
                times[name] = text(message.get("timestamp")) or ""
            before = name
        last = before or "" if at == 0 else last
    # An answer that was given later is another turn, in whichever file it is.
    turns = by_path({name: messages[name] for name in sorted(messages, key=times.__getitem__)})
    if turns.is_cut:
        report.skip(files[0], None, "some of its messages are on too many branches")
    config = _config(files[0].parent)
    folder = files[0].parent.name if files[0].name == _MAIN else files[0].stem
    return ImportedSession(
        session,
        text(config.get("name")) or folder,
        _turns(turns, paths),
        local_time(session),
        _workspace(files[0].parent, config),
        None,
        turns.turn_of.get(last),
    )


def _branches(file: Path, report: Report) -> list[Path]:
    folder = file.parent / "branches"
    if file.name != _MAIN or not folder.is_dir() or folder.is_symlink():
        return []
    return [one for one in files_below(folder, ".jsonl", report) if one.parent == folder]


def _name(before: str | None, message: dict[str, Any]) -> str:
    said = [text(message.get(key)) for key in ("role", "timestamp", "content")]
    return sha256(json.dumps([before, *said]).encode()).hexdigest()[:32]


def _config(folder: Path) -> dict[str, Any]:
    """What the conversation's own settings say of it."""
    file = folder / "config.toml"
    if not file.is_file():
        return {}
    with opened(file, Report()) as stream:
        try:
            data = stream.read(_LONGEST_CONFIG) if stream else b""
            return table(tomllib.loads(data.decode()).get("chat"))
        except (OSError, ValueError, RecursionError):
            return {}


def _workspace(folder: Path, config: dict[str, Any]) -> str | None:
    """The folder in which it was talked; older versions have only a link to it."""
    named = text(config.get("workspace"))
    if named is None or named == "@log":
        try:
            return str((folder / "workspace").readlink())
        except (OSError, ValueError):
            return None
    return named


def _turns(turns: Turns, paths: list[Path]) -> Iterator[ImportedTurn]:
    with ReadAgain(paths) as files:
        for group in turns.groups:
            yield turn_of(group, [files.object_at(one.content) for one in group.messages])


SOURCE = Gptme()
