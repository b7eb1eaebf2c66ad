"""Reads a source as the import does, and checks what it gives."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import HealthCheck, settings

from convo.importing.records import ImportedSession, ImportedTurn
from convo.importing.source import Report, Source
from convo.items.encoding import encoded

HOSTILE = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""For tests of hostile files: each example writes its own over the last one's."""


class Given(NamedTuple):
    """A session with its turns."""

    session: ImportedSession
    turns: list[ImportedTurn]

    @property
    def asked(self) -> list[Any]:
        return [turn.items[0]["content"] for turn in self.turns]

    @property
    def parents(self) -> dict[str, str | None]:
        return {turn.id: turn.parent for turn in self.turns}


def sessions_in(source: Source, path: Path, report: Report | None = None) -> list[Given]:
    """The sessions of a path; each turn is as the interface promises."""
    result = []
    for session in source.sessions(path, report or Report()):
        turns = list(session.turns)
        ids: set[str] = set()
        for turn in turns:
            assert turn.id
            assert turn.id not in ids
            assert turn.parent is None or turn.parent in ids
            assert turn.items[0].get("role") == "user"
            encoded(turn.items)
            ids.add(turn.id)
        assert session.id
        assert session.main is None or session.main in ids
        result.append(Given(session, turns))
    return result


def write_lines(path: Path, lines: Iterable[Any]) -> Path:
    """Write a file of JSON Lines; texts are written as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    text = "".join(f"{line}\n" for line in texts)
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return path
