"""Reads names from a server for the completions of a shell: `python -m convo.postgres.glance`.

A shell waits for the answer, so this is a process that can be ended when it takes too long. It asks
for no password. What it is asked comes on stdin, where nobody sees a password; all texts end with a
NUL.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator

from convo.postgres.connection import ServerConnection
from convo.postgres.dialect import PostgresStatements, statements_for
from convo.postgres.url import parse
from convo.records import MAIN
from convo.storage.statements import Tables

LONGEST = 1000
"""The longest name that is offered, in characters."""

_LONGEST_QUESTION = 100_000
"""Characters of a question that is sent; a longer one, as one with an image, is not."""

_SHOWN = 200
"""The most characters of a question that are offered beside its turn."""

_TIMEOUT = 2
"""Seconds that libpq waits for a host; whoever waits for this process waits for less."""


class _Look:
    def __init__(self, url: str) -> None:
        address = parse(url)
        self._connection = ServerConnection(address, _TIMEOUT)
        schema = self._rows(statements_for(Tables(), ""), "schema_to_use", schema=address.schema)
        self._statements = statements_for(Tables(), schema[0][0])

    def sessions(self, begun: str, most: str) -> Iterator[tuple[str, str]]:
        """The names of sessions, the current one marked, each with its day."""
        values = {"begun": begun, "most": int(most), "longest": LONGEST}
        found = self._named("glance_server_sessions", anywhere=False, **values)
        found = found or self._named("glance_server_sessions", anywhere=True, **values)
        current = self._first("current_session")
        for name, day in found:
            yield name, f"current, {day}" if name == current else day

    def branches(self, session: str, folder: str) -> Iterator[tuple[str, str]]:
        """The branches of a session, or without one, of that of a folder or the current one."""
        known = self._session_of(session, folder)
        if known is None:
            return
        current = self._current_branch(known)
        for name in self._branches_of(known):
            yield name, "current" if name == current else ""

    def turns(
        self, session: str, folder: str, branch: str, begun: str, most: str
    ) -> Iterator[tuple[str, str]]:
        """The turns of a branch whose numbers have this beginning, and its tags.

        The newest first, with their questions. Without `branch`, those of the current one.
        """
        known = self._session_of(session, folder)
        if known is None:
            return
        place = {"session_id": known, "branch_id": self._branch_called(known, branch)}
        digits = begun if begun.isdigit() and begun.isascii() else ""
        for number, data in self._named(
            "glance_server_turns", **place, digits=digits, most=int(most), longest=_LONGEST_QUESTION
        ):
            yield str(number), _question(data)
        for name, of, number in self._tags_of(known):
            if of == place["branch_id"] and name.startswith(begun):
                yield name, f"turn {number}"

    def tags(self, session: str, folder: str) -> Iterator[tuple[str, str]]:
        """The tags of a session, or without one, of that of a folder or the current one."""
        known = self._session_of(session, folder)
        if known is not None:
            for name, of, number in self._tags_of(known):
                yield name, f"turn {number} of {of}"

    def _session_of(self, session: str, folder: str) -> str | None:
        if session:
            return self._session_called(session)
        if folder:
            return self._first("session_of_folder", folder=folder)
        return self._first("current_session") or self._first("newest_session")

    def _current_branch(self, session: str) -> str:
        return self._first("session_head", session_id=session) or MAIN

    def _branches_of(self, session: str) -> list[str]:
        rows = self._named("branch_names", session_id=session)
        return [name for (name,) in rows if 0 < len(name) <= LONGEST]

    def _branch_called(self, session: str, name: str) -> str:
        """The branch of that name, or the only one that begins with it."""
        if not name:
            return self._current_branch(session)
        known = self._branches_of(session)
        begun = [one for one in known if one.startswith(name)]
        return begun[0] if len(begun) == 1 and name not in known else name

    def _tags_of(self, session: str) -> list[tuple[str, ...]]:
        return self._named("glance_server_tags", session_id=session, longest=LONGEST)

    def _session_called(self, name: str) -> str | None:
        if self._named("session_is_there", session_id=name):
            return name
        renamed = self._first("session_renamed_to", session_id=name)
        begun = [one for one, _ in self.sessions(name, "2") if one.startswith(name)]
        return renamed or (begun[0] if len(begun) == 1 else None)

    def _first(self, name: str, **values: object) -> str | None:
        rows = self._named(name, **values)
        return rows[0][0] if rows else None

    def _named(self, name: str, **values: object) -> list[tuple[str, ...]]:
        return self._rows(self._statements, name, **values)

    def _rows(
        self, statements: PostgresStatements, name: str, **values: object
    ) -> list[tuple[str, ...]]:
        query = statements[name].filled(values, self._connection.quote)
        return self._connection.send([query])[0].rows


def _question(data: str) -> str:
    """The beginning of a question: its content, or its first part with a text; "" without one."""
    try:
        content = json.loads(data)["content"]
        if isinstance(content, list):
            content = next(part["text"] for part in content if "text" in part)
    except (ValueError, LookupError, TypeError, StopIteration, RecursionError):
        return ""
    # A NUL ends a text of the answer.
    return content[:_SHOWN].replace("\0", " ") if isinstance(content, str) else ""


def main() -> None:
    """Answer one question: the URL, what is asked for, and for which names or beginning."""
    url, what, *asked = sys.stdin.buffer.read().decode().split("\0")[:-1]
    look = _Look(url)
    answers: dict[str, Callable[..., Iterator[tuple[str, str]]]] = {
        "sessions": look.sessions,
        "branches": look.branches,
        "turns": look.turns,
        "tags": look.tags,
    }
    text = "".join(f"{name}\0{about}\0" for name, about in answers[what](*asked))
    os.write(1, text.encode("utf-8", "replace"))


if __name__ == "__main__":
    main()
