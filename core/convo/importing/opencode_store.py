"""The two stores of opencode, its database and the folder of JSON files that it had before."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from convo.importing.databases import OtherFile, queries
from convo.importing.json_lines import files_below
from convo.importing.reading import array, json_file, number, parsed, table, text
from convo.importing.source import Report


@dataclass(slots=True)
class Stored:
    """A message with its parts."""

    id: str
    info: dict[str, Any]
    parts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def created(self) -> float:
        """Its time in milliseconds, or 0."""
        return number(table(self.info.get("time")).get("created")) or 0


class Store(Protocol):
    """Sessions and their messages, the oldest first."""

    def sessions(self) -> Iterator[dict[str, Any]]:
        """The sessions, as opencode exports them."""
        ...

    def began(self, session: str) -> float:
        """The time of the first message of a session, which a fork's copy of it has too; or 0."""
        ...

    def messages(self, session: str) -> list[Stored]:
        """The messages of a session."""
        ...


class Database:
    """The store of releases since 1.2."""

    def __init__(self, file: OtherFile, path: Path, report: Report) -> None:
        self._file = file
        self._path = path
        self._report = report
        self._tables = file.columns()

    def is_there(self) -> bool:
        """Whether the file has sessions of opencode."""
        has_messages = "message" in self._tables and "part" in self._tables
        return "session" in self._tables and (has_messages or "session_message" in self._tables)

    def sessions(self) -> Iterator[dict[str, Any]]:
        """The sessions, as opencode exports them."""
        for row in self._rows("sessions"):
            yield {
                **row,
                "parentID": row.get("parent_id"),
                "revert": self._json(row.get("revert")),
                "time": {"created": row.get("time_created")},
            }

    def began(self, session: str) -> float:
        """The time of the first message of a session; or 0."""
        rows = []
        if "message" in self._tables:
            rows += self._rows("first_message", session=session)
        if "session_message" in self._tables:
            rows += self._rows("first_whole_message", session=session)
        times = (Stored("", self._json(row["data"])).created for row in rows)
        return min(filter(None, times), default=0)

    def messages(self, session: str) -> list[Stored]:
        """The messages of a session, from the table that has the newest."""
        found: list[Stored] = []
        if "message" in self._tables and "part" in self._tables:
            for row in self._rows("messages", session=session):
                parts = self._rows("parts", message=row["id"])
                info = self._json(row["data"])
                stored = Stored(str(row["id"]), info, [self._json(part["data"]) for part in parts])
                found.append(stored)
        whole = []
        if "session_message" in self._tables:
            for row in self._rows("whole_messages", session=session):
                whole.append(_whole(str(row["id"]), row["type"], self._json(row["data"])))
        # A release may write both for a time, and then only the second.
        asked = [one.created for one in whole if one.info.get("role") in ("user", "assistant")]
        is_newer = asked and max(asked) >= max((one.created for one in found), default=0)
        return whole if is_newer else found

    def _rows(self, query: str, **values: str) -> list[dict[str, Any]]:
        rows = self._file.rows(queries("opencode")[query], values)
        return [dict(zip(row.keys(), row, strict=True)) for row in rows]

    def _json(self, value: object) -> dict[str, Any]:
        if not isinstance(value, str):
            return {}
        return table(parsed(value.encode(), self._path, None, self._report))


class Folder:
    """The store of releases before 1.2: a JSON file for each session, message and part."""

    def __init__(self, path: Path, report: Report) -> None:
        self._path = path
        self._report = report

    def sessions(self) -> Iterator[dict[str, Any]]:
        """The sessions, as opencode exports them."""
        folder = self._path / "session"
        paths = files_below(folder, ".json", self._report) if folder.is_dir() else []
        found = [table(json_file(path, self._report)) for path in paths]
        yield from sorted(found, key=lambda info: Stored("", info).created)

    def began(self, session: str) -> float:
        """The time of the first message of a session; or 0."""
        times = (Stored("", info).created for info in self._below("message", session))
        return min(filter(None, times), default=0)

    def messages(self, session: str) -> list[Stored]:
        """The messages of a session, with the parts of each."""
        found = [
            Stored(
                text(info.get("id")) or "",
                info,
                self._below("part", text(info.get("id")) or ""),
            )
            for info in self._below("message", session)
        ]
        return sorted((one for one in found if one.id), key=lambda one: one.created)

    def _below(self, kind: str, name: str) -> list[dict[str, Any]]:
        folder = self._path / kind / name
        # A name comes from a file: it must not lead elsewhere.
        if not name or Path(name).name != name or name == ".." or not folder.is_dir():
            return []
        paths = files_below(folder, ".json", self._report)
        return [table(json_file(path, self._report)) for path in paths]


def _whole(name: str, kind: object, data: dict[str, Any]) -> Stored:
    """A message of the newer form in the older one."""
    said = {"type": "text", "text": data.get("text")}
    model = table(data.get("model"))
    if kind == "assistant":
        info = {**data, "role": "assistant", "modelID": model.get("id")}
        return Stored(name, info, [_part(table(part)) for part in array(data.get("content"))])
    if kind == "user":
        files = [{**table(file), "type": "file"} for file in array(data.get("files"))]
        return Stored(name, {**data, "role": "user"}, [said, *files])
    if kind == "shell":
        said["text"] = f"!{data.get('command') or ''}\n{data.get('output') or ''}".rstrip()
    elif kind == "compaction":
        said["text"] = data.get("summary") or data.get("text")
    elif kind not in ("synthetic", "skill"):
        said["text"] = None
    return Stored(name, {**data, "role": "beside"}, [{**said, "synthetic": True}])


def _part(part: dict[str, Any]) -> dict[str, Any]:
    """A part of an answer of the newer form in the older one."""
    if part.get("type") != "tool":
        return part
    state = table(part.get("state"))
    said = (text(table(one).get("text")) for one in array(state.get("content")))
    output = "\n".join(filter(None, said))
    failure = table(state.get("error")).get("message") or state.get("error")
    return {
        "type": "tool",
        "tool": part.get("name"),
        "callID": part.get("id"),
        "state": {**state, "output": output or state.get("result"), "error": failure},
    }
