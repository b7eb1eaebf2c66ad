"""The log database of `llm`, and what its older and its newer tables have in common."""

import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from convo.importing import items
from convo.importing.databases import OtherFile, queries
from convo.importing.reading import count, number, parsed, table, text, when
from convo.importing.records import ImportedRun
from convo.importing.source import Report
from convo.items.encoding import Item

_SHOWN_KINDS = ("image/png", "image/jpeg", "image/gif", "image/webp")
_TABLES = re.compile(r"\b(?:FROM|JOIN) (\w+)")


class Log:
    """The database, asked for what one session needs."""

    def __init__(self, file: OtherFile, path: Path, report: Report) -> None:
        self._file = file
        self._path = path
        self._report = report
        self._tables = file.columns()

    def has(self, tables: set[str]) -> bool:
        """Whether it has all of these tables."""
        return tables <= self._tables.keys()

    def rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        """The rows of a query by their columns; none if a table is missing, as in old releases."""
        statement = queries("llm")[query]
        if not self.has(set(_TABLES.findall(statement))):
            return []
        return [
            dict(zip(row.keys(), row, strict=True)) for row in self._file.rows(statement, values)
        ]

    def families(self) -> Iterator[list[dict[str, Any]]]:
        """The threads that were forked from each other, the first one first."""
        threads = {row["id"]: row for row in self.rows("threads") if text(row["id"])}
        families: dict[str, list[dict[str, Any]]] = {}
        for row in threads.values():
            root, seen = row, {row["id"]}
            while (above := threads.get(root["forked_from"])) and above["id"] not in seen:
                root = above
                seen.add(root["id"])
            families.setdefault(min(seen) if above else root["id"], []).append(row)
        yield from families.values()

    def json(self, value: object) -> dict[str, Any]:
        """The object in a column with JSON."""
        if not isinstance(value, str):
            return {}
        return table(parsed(value.encode(), self._path, None, self._report))


def call_of(row: dict[str, Any]) -> tuple[str, str]:
    """The id of a call and the name of its tool."""
    return text(row.get("tool_call_id")) or "", text(row.get("name")) or ""


def output_of(row: dict[str, Any]) -> Any:
    """What a tool returned, or the exception that it raised."""
    return text(row.get("exception")) or row.get("output")


def attachment_of(row: dict[str, Any]) -> Item:
    """An attachment: an image is shown; a file is not read because a database names it."""
    kind, url, content = row.get("type"), text(row.get("url")), row.get("content")
    if kind in _SHOWN_KINDS and isinstance(content, bytes):
        return items.image(f"data:{kind};base64,{b64encode(content).decode()}")
    if kind in _SHOWN_KINDS and url and url.startswith("https:"):
        return items.image(url)
    return items.attached(url or text(row.get("path")) or text(kind) or "")


def run_of(log: Log, row: dict[str, Any]) -> ImportedRun:
    """The usage of a request; plugins name its details as their servers do."""
    details = log.json(row.get("token_details"))
    read = details.get("prompt_tokens_details") or details.get("input_tokens_details")
    written = details.get("completion_tokens_details") or details.get("output_tokens_details")
    duration = number(row.get("duration_ms"))
    return ImportedRun(
        text(row.get("resolved_model")) or text(row.get("model")),
        count(row.get("input_tokens")),
        count(row.get("output_tokens")),
        cached_tokens=count(table(read).get("cached_tokens")),
        reasoning_tokens=count(table(written).get("reasoning_tokens")),
        started_at=when(row.get("datetime_utc")),
        duration_s=None if duration is None else duration / 1000,
    )
