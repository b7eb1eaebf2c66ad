"""Reads names from a database for the completions of a shell, in a few milliseconds.

The store takes several times as long to import. This reads with `sqlite3` alone, and never fails:
what cannot be read is left out. It creates and changes no file, not even a log beside the
database, and stops after a second, whatever the file makes SQLite do.
"""

import os
import sqlite3
import stat
import time

_LONGEST = 1000
"""The longest name that is offered, in characters."""

_PATIENCE = 0.5
"""Seconds to wait for a lock."""

_LIMIT = 1.0
"""Seconds that all reading may take."""

_HEADER = b"SQLite format 3\0"
_FOLDER = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120  pathlib takes too long

MAIN = "main"

_GREATEST = 9_999_999
"""The greatest number of a turn that is offered."""

_INCLUDED = {
    "branches_with_rows": "branches/branches",
    "empty_branches": "branches/branches",
    "held_turns": "pending/pending",
}
"""The blocks that others include, and their files."""


class Glance:
    """A database that is being looked at."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._blocks: dict[str, str] = {}

    def __del__(self) -> None:
        # A program ends right after its look, but a test goes on, where Python 3.13 warns.
        self._connection.close()

    def sessions(self, begun: str, most: int) -> list[tuple[str, str]]:
        """The names of sessions with the time of the last write, the newest first.

        They are those with this beginning or, if there are none, with this somewhere in them;
        without a beginning, only sessions that began lately.
        """
        values = {"begun": begun, "most": most, "longest": _LONGEST}
        if begun:
            rows = self._rows("sqlite/glance", "glance_sessions", **values)
            rows = rows or self._rows("sqlite/glance", "glance_sessions_saying", **values)
        else:
            rows = self._rows("sqlite/glance", "glance_newest_sessions", **values)
        return [(name, when if isinstance(when, str) else "") for name, when in rows]

    def session_called(self, name: str) -> str | None:
        """The session of that name, a former name, or the only one that begins with it."""
        if self._rows("store/sessions", "session_is_there", session_id=name):
            return name
        renamed = self._rows("store/sessions", "session_renamed_to", session_id=name)
        if renamed and isinstance(renamed[0][0], str):
            return str(renamed[0][0])
        begun = [one for one, _ in self.sessions(name, 2) if name and one.startswith(name)]
        return begun[0] if len(begun) == 1 else None

    def current_session(self, *, or_newest: bool = True) -> str | None:
        """The current session; if none was ever set, the one that was last written to."""
        rows = self._rows("branches/branches", "current_session")
        if or_newest and not rows:
            rows = self._rows("branches/branches", "newest_session")
        return rows[0][0] if rows and isinstance(rows[0][0], str) else None

    def session_of_folder(self, folder: str) -> str | None:
        """The session that is current in a folder; None if there is none."""
        rows = self._rows("store/sessions", "session_of_folder", folder=folder)
        return rows[0][0] if rows and isinstance(rows[0][0], str) else None

    def branches(self, session: str) -> list[str]:
        """The names of the branches of a session, `main` included."""
        rows = self._rows("branches/branches", "branch_names", session_id=session)
        # The SDK's own files lack convo's tables.
        rows = rows or self._rows("branches/branches", "branches_with_rows", session_id=session)
        return list(
            dict.fromkeys(
                name
                for (name,) in [*rows, (MAIN,)]
                if isinstance(name, str) and 0 < len(name) <= _LONGEST
            )
        )

    def branch_called(self, session: str, name: str | None) -> str:
        """The branch of that name, or the only one that begins with it; None is the current one."""
        known = self.branches(session)
        if name is None:
            rows = self._rows("branches/branches", "session_head", session_id=session)
            name = rows[0][0] if rows else MAIN
            return name if name in known else MAIN
        begun = [one for one in known if one.startswith(name)]
        return begun[0] if len(begun) == 1 and name not in known else name

    def count_turns(self, session: str, branch: str) -> int:
        """The number of the last turn of a branch; 0 if it has none."""
        rows = self._rows(
            "sqlite/glance", "glance_turns_of_branch", session_id=session, branch_id=branch
        )
        return rows[0][0] if rows and isinstance(rows[0][0], int) else 0

    def turns(self, session: str, branch: str, begun: str, most: int) -> list[tuple[int, str]]:
        """The numbers that begin with some digits, with their questions, the newest first."""
        return self._turns("glance_turns", session, branch, begun, most)

    def numbers_of_turns(
        self, session: str, branch: str, begun: str, most: int
    ) -> list[tuple[int, str]]:
        """The same numbers, with an empty text each: no question is read."""
        return self._turns("glance_numbers_of_turns", session, branch, begun, most)

    def _turns(
        self, name: str, session: str, branch: str, begun: str, most: int
    ) -> list[tuple[int, str]]:
        found: list[tuple[int, str]] = []
        place = {"session_id": session, "branch_id": branch}
        for first, last in _numbers_beginning(begun):
            left = most - len(found)
            found += self._rows("sqlite/glance", name, **place, first=first, last=last, most=left)
        return found

    def tags(self, session: str, most: int) -> list[tuple[str, str, int]]:
        """The tags of a session, each with the branches and the numbers of its turn."""
        rows = self._rows("sqlite/glance", "glance_tags", session_id=session, most=most)
        return [
            (name, branch, number)
            for name, branch, number in rows
            if isinstance(name, str) and 0 < len(name) <= _LONGEST and isinstance(branch, str)
        ]

    def models(self, most: int) -> list[str]:
        """The models that the sessions were last asked with."""
        rows = self._rows("sqlite/glance", "glance_models", most=most, longest=_LONGEST)
        return [name for (name,) in rows]

    def removed(self, session: str, most: int) -> list[tuple[str, str, int]]:
        """The branches that can be restored, with `branch` or `turns`, and how many turns."""
        rows = self._rows("sqlite/glance", "glance_removed", session_id=session, most=most)
        return [row for row in rows if isinstance(row[0], str) and 0 < len(row[0]) <= _LONGEST]

    def removed_sessions(self, most: int) -> list[tuple[str, int]]:
        """The deleted sessions, the last deleted one first, and how many turns they had."""
        return self._rows("sqlite/glance", "glance_removed_sessions", most=most, longest=_LONGEST)

    def waiting(self, most: int) -> list[tuple[int, str]]:
        """The numbers of the waiting prompts with their beginnings, the newest first."""
        rows = self._rows("sqlite/glance", "glance_waiting", most=most)
        return [row for row in rows if isinstance(row[0], int)]

    def _rows(self, file: str, name: str, **values: object) -> list[tuple]:  # type: ignore[type-arg]
        """The rows of a statement; none if the file cannot be read, or has no such table."""
        try:
            return self._connection.execute(self._statement(file, name), values).fetchall()
        except (sqlite3.Error, OverflowError, MemoryError):
            return []

    def _statement(self, file: str, name: str) -> str:
        """A block of an SQL file, with the few macros that these blocks have.

        `convo.storage.statements` reads all blocks in all dialects, which takes too long here.
        """
        if name not in self._blocks:
            with open(f"{_FOLDER}/{file}.sql", encoding="utf-8") as read:  # noqa: PTH123
                for block in read.read().split("-- name: ")[1:]:
                    title, _, body = block.partition("\n")
                    self._blocks[title] = body.partition(";\n")[0]
        text = self._blocks[name]
        for other, place in _INCLUDED.items():
            if f"({{{other}}})" in text:
                text = text.replace(f"({{{other}}})", f"({self._statement(place, other)})")
        for macro, words in (
            ("{sessions}", "agent_sessions"),
            ("{messages}", "agent_messages"),
            ("{row}", "rowid"),
            ("{head_key}", "id"),
            ("{me}", "1"),
            ("{is_session: session_id}", "TRUE"),
            ("{is_text: session_id}", "typeof(session_id) = 'text'"),
        ):
            text = text.replace(macro, words)
        return text


def _numbers_beginning(digits: str) -> list[tuple[int, int]]:
    """The ranges of the numbers that begin with some digits, the greatest first."""
    if not digits:
        return [(0, _GREATEST)]
    begun = int(digits)
    tens = [10**count for count in range(len(str(_GREATEST)) - len(digits), -1, -1)]
    return [(begun * ten, begun * ten + ten - 1) for ten in tens]


def glance_at(path: str) -> Glance | None:
    """Open a database to look at it; None if there is none that SQLite can read."""
    try:
        location = _location(os.path.abspath(path))  # noqa: PTH100
        connection = sqlite3.connect(location, uri=True, timeout=_PATIENCE, isolation_level=None)
    except (OSError, ValueError, sqlite3.Error):
        return None
    # A name that is not UTF-8 is still the name.
    connection.text_factory = lambda read: read.decode("utf-8", "surrogateescape")
    end = time.monotonic() + _LIMIT
    connection.set_progress_handler(lambda: time.monotonic() > end, 10_000)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 64 * 1024 * 1024)
    try:
        # Nothing in the schema of a file that somebody else made may call functions.
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA temp_store = MEMORY")
    except sqlite3.Error:
        connection.close()
        return None
    return Glance(connection)


def _location(path: str) -> str:
    """The URI that reads a database and creates no file. Raises `OSError` without one.

    SQLite creates a log and its index to read a database with a write-ahead log, unless it is told
    that nobody writes to it. If the log has something in it, both files exist, or else it is the
    rest of a crash, and what is in it is not offered.
    """
    if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116
        raise OSError
    with open(path, "rb") as file:  # noqa: PTH123
        header = file.read(20)
    if not header.startswith(_HEADER):
        raise OSError
    uri = "file:" + path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    has_log = header[18:20] == b"\2\2"
    if has_log and not (_size(f"{path}-wal") and _size(f"{path}-shm")):
        return f"{uri}?mode=ro&immutable=1"
    return f"{uri}?mode=ro&readonly_shm=1"


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116
    except OSError:
        return 0
