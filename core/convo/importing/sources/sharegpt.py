"""`sharegpt`: lists of conversations in the form that training data for chat models often has."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from convo.importing.json_lines import files_below
from convo.importing.messages import digest_of, turns_of
from convo.importing.reading import json_array, json_lines, opened, table, text
from convo.importing.records import ImportedSession
from convo.importing.source import Places, Report
from convo.items.encoding import decode

_ROLES = {
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "bing": "assistant",
    "bard": "assistant",
    "assistant": "assistant",
    "model": "assistant",
    "system": "system",
    "function_call": "call",
    "tool_call": "call",
    "observation": "tool",
    "tool": "tool",
    "tool_response": "tool",
}


class ShareGPT:
    """Conversations as JSON, in one array or one a line; one is known by all its messages."""

    name = "sharegpt"

    def find(self, places: Places) -> Iterable[Path]:
        """Such a file may lie anywhere."""
        return ()

    def sessions(self, path: Path, report: Report) -> Iterator[ImportedSession]:
        """A session for each conversation of the file, or of those in the folder."""
        for file in files_below(path, (".json", ".jsonl"), report):
            yield from _sessions(file, report)


def _sessions(path: Path, report: Report) -> Iterator[ImportedSession]:
    for line, value in _conversations(path, report):
        said = table(value).get("conversations") or table(value).get("conversation")
        if not isinstance(said, list):
            report.skip(path, line, "it has no list of conversations")
            continue
        messages = [message for one in said if (message := _message(one))]
        instructions = text(table(value).get("system"))
        if instructions is not None:
            messages.insert(0, {"role": "system", "content": instructions})
        turns = turns_of(messages, text(table(value).get("model")))
        if not turns:
            report.skip(path, line, "it has no messages")
            continue
        # Ids such as `identity_0` are the same in many files.
        yield ImportedSession(digest_of(said), text(table(value).get("title")), turns, None)


def _conversations(path: Path, report: Report) -> Iterator[tuple[int, Any]]:
    """The conversations of a file, which is an array, or has one a line."""
    with opened(path, report) as stream:
        if stream is None:
            return
        is_array = stream.read(4096).lstrip().startswith(b"[")
        if is_array:
            stream.seek(0)
            yield from json_array(stream, path, report)
            return
    yield from json_lines(path, report)


def _message(value: Any) -> dict[str, Any] | None:
    """A message as chat completions have it; None for one of an unknown speaker."""
    said = table(value)
    role = _ROLES.get(str(said.get("from") or said.get("role")).lower())
    content = said.get("value") or said.get("content") or ""
    if role is None or not isinstance(content, str | list):
        return None
    if role != "call":
        return {"role": role, "content": content}
    return {"role": "assistant", "tool_calls": [{"function": _call(content)}]}


def _call(content: Any) -> dict[str, Any]:
    """A call that is written as JSON: its name and its arguments."""
    try:
        call = table(decode(content.encode("utf-8", "replace"))) if content else {}
    except (ValueError, AttributeError):
        call = {}
    if name := text(call.get("name")):
        return {"name": name, "arguments": call.get("arguments")}
    return {"name": "tool", "arguments": {"input": content}}


SOURCE = ShareGPT()
