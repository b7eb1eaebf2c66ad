"""`openai-jsonl`: JSON Lines with a list of chat messages each, as for fine-tuning at OpenAI."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from convo.importing.json_lines import files_below
from convo.importing.messages import digest_of, turns_of
from convo.importing.reading import json_lines, table
from convo.importing.records import ImportedSession
from convo.importing.source import Places, Report


class OpenAIJsonl:
    """Conversations without ids: one is known by all its messages."""

    name = "openai-jsonl"

    def find(self, places: Places) -> Iterable[Path]:
        """Such a file may lie anywhere."""
        return ()

    def sessions(self, path: Path, report: Report) -> Iterator[ImportedSession]:
        """A session for each line of the file, or of those in the folder."""
        for file in files_below(path, ".jsonl", report):
            yield from _sessions(file, report)


def _sessions(path: Path, report: Report) -> Iterator[ImportedSession]:
    for line, value in json_lines(path, report):
        messages = table(value).get("messages")
        if not isinstance(messages, list):
            report.skip(path, line, "it has no list of messages")
            continue
        turns = turns_of(messages)
        if not turns:
            report.skip(path, line, "it has no messages")
            continue
        yield ImportedSession(digest_of(messages), None, turns, None)


SOURCE = OpenAIJsonl()
