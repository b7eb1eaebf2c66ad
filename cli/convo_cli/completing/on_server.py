"""Names from a database on a server, for which a process of its own asks.

It has the driver, which takes a tenth of a second to load, and can be ended whatever it waits for:
a server that does not answer, or the name of a host that nobody knows.
"""

import sys

LIMIT = 1.0
"""Seconds that a TAB waits for a server, its driver included."""

_START = "from convo.postgres.glance import main; main()"


class ServerGlance:
    """A database on a server that is being looked at: for sessions, branches, turns and tags."""

    def __init__(self, url: str) -> None:
        self._url = url

    def sessions(self, begun: str, most: int) -> list[tuple[str, str]]:
        """The names of sessions with a few words about each, those that were written to last."""
        return self._asked("sessions", begun, str(most))

    def branches(self, session: str, folder: str) -> list[tuple[str, str]]:
        """The names of branches, of the session of a folder or the current one if none is named."""
        return self._asked("branches", session, folder)

    def turns(
        self, session: str, folder: str, branch: str, begun: str, most: int
    ) -> list[tuple[str, str]]:
        """The turns of a branch whose numbers have this beginning, and its tags, in words each.

        Without `branch`, those of the current one; the session is found as for `branches`.
        """
        return self._asked("turns", session, folder, branch, begun, str(most))

    def tags(self, session: str, folder: str) -> list[tuple[str, str]]:
        """The tags of a session, which is found as for `branches`, with the turn of each."""
        return self._asked("tags", session, folder)

    def _asked(self, *texts: str) -> list[tuple[str, str]]:
        import subprocess

        asked = "".join(f"{text}\0" for text in (self._url, *texts))
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-c", _START],
                input=asked.encode("utf-8", "surrogateescape"),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=LIMIT,
                check=False,
                # Without a terminal, nothing can ask for a password there.
                start_new_session=True,
            )
        except (OSError, subprocess.TimeoutExpired):
            return []
        found = done.stdout.decode("utf-8", "surrogateescape").split("\0")
        return list(zip(found[::2], found[1::2], strict=False))
