"""`openai-jsonl`: JSON Lines with a list of chat messages each, as for fine-tuning at OpenAI."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson

from convo.importing.messages import turns_of
from convo.importing.reading import json_lines, table, text
from convo.importing.records import ImportedSession
from convo.importing.source import Places, Report


class OpenAIJsonl:
    """Conversations without ids: one is known by its first message and its instructions."""

    name = "openai-jsonl"

    def find(self, places: Places) -> Iterable[Path]:
        """Such a file may lie anywhere."""
        return ()

    def sessions(self, path: Path, report: Report) -> Iterator[ImportedSession]:
        """A session for each line."""
        for line, value in json_lines(path, report):
            messages = table(value).get("messages")
            if not isinstance(messages, list):
                report.skip(path, line, "it has no list of messages")
                continue
            turns = turns_of(messages)
            if not turns:
                report.skip(path, line, "it has no messages")
                continue
            yield ImportedSession(text(value.get("id")) or _digest(messages), None, turns, None)


def _digest(messages: list[object]) -> str:
    """An id for a conversation that has none."""
    try:
        data = orjson.dumps(messages)
    except (TypeError, ValueError):
        data = repr(messages).encode("utf-8", "replace")
    return hashlib.blake2b(data, digest_size=16).hexdigest()


SOURCE = OpenAIJsonl()
