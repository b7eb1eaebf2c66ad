"""`opencode`: its database, or the folder of JSON files that it had before.

A fork is another session that begins with copies of messages: they have ids of their own, and the
times of the first ones. Both are one session here, whose forks are branches.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from convo.importing import items
from convo.importing.databases import database
from convo.importing.opencode_store import Database, Folder, Store, Stored
from convo.importing.reading import count, number, table, text, when
from convo.importing.records import ImportedRun, ImportedSession, ImportedTurn
from convo.importing.source import Places, Report
from convo.items.encoding import Item

_UNTITLED = ("New session - ", "Child session - ")


class OpenCode:
    """Sessions with their forks, and one for each sub-agent."""

    name = "opencode"

    def find(self, places: Places) -> Iterable[Path]:
        """The database that `$OPENCODE_DB` names, or the data folder of opencode."""
        named = places.named("OPENCODE_DB")
        if named is not None:
            return [named] if named.is_file() else []
        folder = places.xdg("XDG_DATA_HOME", ".local/share") / "opencode"
        return [folder] if _databases(folder) or (folder / "storage").is_dir() else []

    def sessions(self, path: Path, report: Report) -> Iterator[ImportedSession]:
        """Those of a database, a folder of JSON files, or a data folder, which may have both."""
        # What the database has was taken over from the folder, with the same ids.
        seen: set[str] = set()
        for file in _databases(path) if path.is_dir() else [path]:
            yield from _in_database(file, report, seen)
        if path.is_dir():
            folder = path / "storage" if (path / "storage").is_dir() else path
            yield from _sessions(Folder(folder, report), seen)


def _databases(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("opencode*.db") if path.is_file())


def _in_database(path: Path, report: Report, seen: set[str]) -> Iterator[ImportedSession]:
    with database(path, report) as file:
        if file is None:
            return
        store = Database(file, path, report)
        if store.is_there():
            yield from _sessions(store, seen)
        else:
            report.skip(path, None, "it has no sessions of opencode")


def _sessions(store: Store, seen: set[str]) -> Iterator[ImportedSession]:
    """The sessions of a store that are not seen yet, each with the forks that were made of it."""
    named = ((text(info.get("id")), info) for info in store.sessions())
    infos = {name: info for name, info in named if name and name not in seen}
    seen.update(infos)
    families: dict[object, list[str]] = {}
    for name, info in infos.items():
        first = 0 if text(info.get("parentID")) else store.began(name)
        families.setdefault((text(info.get("directory")), first) if first else name, []).append(
            name
        )
    for family in families.values():
        first_info = infos[family[0]]
        title = text(first_info.get("title"))
        turns, main = _turns(store, {name: infos[name] for name in family})
        yield ImportedSession(
            family[0],
            None if title is None or title.startswith(_UNTITLED) else title,
            turns,
            when(table(first_info.get("time")).get("created")),
            text(first_info.get("directory")),
            text(first_info.get("parentID")),
            main,
        )


def _turns(
    store: Store, family: dict[str, dict[str, Any]]
) -> tuple[list[ImportedTurn], str | None]:
    """The turns of a session and its forks, and the last one of the line that it shows."""
    found: dict[tuple[str | None, float | str], ImportedTurn] = {}
    used: set[str] = set()
    main = None
    for session, info in family.items():
        undone = text(table(info.get("revert")).get("messageID"))
        parent = shown = None
        for messages in _by_question(store.messages(session)):
            if messages[0].id == undone:
                shown = parent
            name = messages[0].id
            if name in used:
                name = f"{name}/{len(found)}"
            # A copy of a question follows the same turn and has the same time.
            key = (parent, messages[0].created or name)
            if key not in found:
                found[key] = _turn(name, messages, parent)
                used.add(name)
            parent = found[key].id
        main = main or shown or parent
    return list(found.values()), main


def _by_question(messages: list[Stored]) -> Iterator[list[Stored]]:
    turn: list[Stored] = []
    for message in messages:
        if _is_question(message) and turn:
            yield turn
            turn = []
        turn.append(message)
    if turn:
        yield turn


def _is_question(message: Stored) -> bool:
    """Whether a message is the user's, and not only opencode's in the user's place."""
    return message.info.get("role") == "user" and any(_asked(part) for part in message.parts)


def _asked(part: dict[str, Any]) -> Item | None:
    """A part of a question; none if opencode has added it."""
    if part.get("type") == "text" and part.get("synthetic") is not True:
        said = text(part.get("text"))
        return {"type": "input_text", "text": said} if said else None
    if part.get("type") == "file":
        name = text(part.get("filename")) or text(part.get("name")) or text(part.get("mime"))
        kind = "image" if str(part.get("mime")).startswith("image/") else "file"
        return items.attached(name or "", kind)
    if part.get("type") == "subtask":
        return {"type": "input_text", "text": text(part.get("prompt")) or ""}
    return None


def _turn(name: str, messages: list[Stored], parent: str | None) -> ImportedTurn:
    question = items.asked("")
    found: list[Item] = []
    runs: list[ImportedRun] = []
    model = None
    for message in messages:
        role = message.info.get("role")
        if role == "assistant":
            model = text(message.info.get("modelID")) or model
            found += _answers(message)
            runs += _runs(message)
            continue
        parts = [item for part in message.parts if role == "user" and (item := _asked(part))]
        if message is messages[0] and parts:
            only = parts[0]["text"] if len(parts) == 1 else ""
            question = items.asked(only, parts if len(parts) > 1 else ())
        added = (one for one in message.parts if one.get("synthetic") is True)
        found += [items.instructed(said) for one in added if (said := text(one.get("text")))]
    created_at = when(messages[0].created) if messages[0].created else None
    return ImportedTurn(name, parent, [question, *found], created_at, model, tuple(runs))


def _answers(message: Stored) -> Iterator[Item]:
    is_summary = message.info.get("summary") is True
    for part in message.parts:
        said = text(part.get("text"))
        if part.get("type") == "reasoning" and said:
            yield items.thought(said)
        elif part.get("type") == "text" and said:
            yield items.instructed(said) if is_summary else items.answered(said)
        elif part.get("type") == "tool":
            state, call_id = table(part.get("state")), text(part.get("callID")) or ""
            yield items.called(call_id, text(part.get("tool")) or "", state.get("input") or {})
            if state.get("status") in ("completed", "error"):
                failed = state.get("status") == "error"
                yield items.returned(call_id, state.get("error" if failed else "output"))


def _runs(message: Stored) -> list[ImportedRun]:
    """A run for each request, or for the whole answer in releases that did not record steps."""
    steps = [part for part in message.parts if part.get("type") == "step-finish"]
    time = table(message.info.get("time"))
    model = text(message.info.get("modelID"))
    runs = [
        _run(table(one.get("tokens")), model, time.get("created"), one.get("cost"))
        for one in steps or [message.info]
    ]
    # A command of the user's has the form of an answer, for which nothing was spent.
    return [run for run in runs if run.input_tokens or run.output_tokens or run.recorded_cost]


def _run(tokens: dict[str, Any], model: str | None, time: object, cost: object) -> ImportedRun:
    cache = table(tokens.get("cache"))
    read, written = count(cache.get("read")), count(cache.get("write"))
    given, made = count(tokens.get("input")), count(tokens.get("output"))
    thought = count(tokens.get("reasoning"))
    # Releases that record a total do not count reasoning as output.
    if count(tokens.get("total")) > given + made + read + written:
        made += thought
    return ImportedRun(
        model,
        given + read + written,
        made,
        cached_tokens=read,
        cache_write_tokens=written,
        reasoning_tokens=thought,
        started_at=when(time),
        recorded_cost=number(cost),
    )


SOURCE = OpenCode()
