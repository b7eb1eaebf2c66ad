"""Which sessions an import takes, and how many it has found so far."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from convo.importing.records import ImportedSession
from convo.importing.source import Report, Source
from convo.importing.storing import Taken


@dataclass(frozen=True, slots=True)
class Choice:
    """Which sessions to take: those written to since a time, or about a folder; and their prefix.

    The time is in UTC, as it is stored ("2026-11-22 16:50:36"). `is_dry` is whether to store
    nothing.
    """

    since: str | None = None
    project: str | None = None
    prefix: str | None = None
    is_dry: bool = False

    def is_about(self, session: ImportedSession) -> bool:
        """Whether a session is about the chosen folder, one below it, or one of that name."""
        if self.project is None:
            return True
        if session.project is None:
            return False
        wanted, found = PurePath(self.project), PurePath(session.project)
        return wanted == found or wanted in found.parents or self.project == found.name

    def is_recent(self, updated_at: str) -> bool:
        """Whether a session whose last turn is from this time is recent enough."""
        return self.since is None or updated_at >= self.since


@dataclass
class Totals:
    """How many sessions an import has met: taken, known, deleted here, and not chosen."""

    new: int = 0
    grown: int = 0
    same: int = 0
    deleted: int = 0
    not_chosen: int = 0
    empty: int = 0
    turns: int = 0

    @property
    def met(self) -> int:
        """The number of all these sessions."""
        return self.new + self.grown + self.same + self.deleted + self.not_chosen + self.empty

    def add(self, taken: Taken) -> None:
        """Count a session."""
        setattr(self, taken.news, getattr(self, taken.news) + 1)
        self.turns += taken.turns


def read_safely(source: Source, path: Path, report: Report) -> Iterator[ImportedSession]:
    """The sessions of a path. A fault of the source ends them, and is reported."""
    try:
        yield from source.sessions(path, report)
    except OSError as error:
        report.skip(error.filename or path, None, error.strerror or str(error))
    except Exception as error:  # noqa: BLE001  one file must not end the import of the others
        report.skip(path, None, f"unexpected {type(error).__name__}: {error}"[:300])
