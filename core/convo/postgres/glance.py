"""Reads names from a server for the completions of a shell: `python -m convo.postgres.glance`.

A shell waits for the answer, so this is a process that can be ended when it takes too long. It asks
for no password. What it is asked comes on stdin, where nobody sees a password; all texts end with a
NUL.
"""

import os
import sys
from collections.abc import Iterator

from convo.postgres.connection import ServerConnection
from convo.postgres.dialect import PostgresStatements, statements_for
from convo.postgres.url import parse
from convo.records import MAIN
from convo.storage.statements import Tables

LONGEST = 1000
"""The longest name that is offered, in characters."""

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
        if session:
            known: str | None = self._session_called(session)
        elif folder:
            known = self._first("session_of_folder", folder=folder)
        else:
            known = self._first("current_session") or self._first("newest_session")
        if known is None:
            return
        current = self._first("session_head", session_id=known) or MAIN
        for (name,) in self._named("branch_names", session_id=known):
            if 0 < len(name) <= LONGEST:
                yield name, "current" if name == current else ""

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


def main() -> None:
    """Answer one question: the URL, what is asked for, and for which name or beginning."""
    url, what, *asked = sys.stdin.buffer.read().decode().split("\0")[:-1]
    look = _Look(url)
    found = look.sessions(*asked) if what == "sessions" else look.branches(*asked)
    text = "".join(f"{name}\0{about}\0" for name, about in found)
    os.write(1, text.encode("utf-8", "surrogateescape"))


if __name__ == "__main__":
    main()
