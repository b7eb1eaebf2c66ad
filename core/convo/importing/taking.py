"""Takes the sessions of a source into a database, many in a transaction."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from convo.errors import ConvoError, DatabaseError, SessionClosedError
from convo.importing import storing
from convo.importing.choosing import Choice, Totals, read_safely
from convo.importing.placing import MOST_BRANCHES, MOST_SHARED
from convo.importing.preparing import LARGEST, PreparedSession, TooLargeError, prepared
from convo.importing.records import ImportedSession
from convo.importing.source import Report, Source
from convo.importing.storing import Names, Taken
from convo.storage.storage import Storage

Batch = list[tuple[Path, PreparedSession]]

_MOST = 256
_LARGEST = 1024 * 1024
"""The most sessions of one transaction, and the bytes after which it takes no more.

Each transaction waits once for the disk. A session is never divided among several.
"""


class Import:
    """One import from a source into a database; `totals` counts what it has met."""

    def __init__(
        self,
        storage: Storage,
        source: Source,
        choice: Choice,
        report: Report,
        totals: Totals,
    ) -> None:
        self._totals = totals
        self._storage = storage
        self._source = source
        self._choice = choice
        self._report = report
        self._names = Names()

    async def run(self, paths: Iterable[Path], told: Callable[[], None]) -> None:
        """Take what is new in the paths; call `told` after each batch."""
        task: asyncio.Task[None] | None = None
        for batch in _batches(self._source, paths, self._choice, self._report, self._totals):
            if task is not None:
                await task
            told()
            # Stored on the thread of the database, while the next ones are read here.
            task = asyncio.create_task(self._take(batch))
            await asyncio.sleep(0)
        if task is not None:
            await task
        told()

    async def _take(self, batch: Batch) -> None:
        name = self._source.name
        if self._choice.is_dry:
            self._count(
                batch,
                await self._storage.look(
                    lambda tx: [storing.look(tx, name, session) for _, session in batch]
                ),
            )
            return
        try:
            # Counted even if this is cancelled while it is committed.
            await self._storage.write(
                None,
                lambda tx: [storing.store(tx, name, session, self._names) for _, session in batch],
                then=lambda found: self._count(batch, found),
            )
        except ConvoError as error:
            if is_about_the_file(error):
                raise
            await self._take_singly(batch, error)

    async def _take_singly(self, batch: Batch, error: ConvoError) -> None:
        """Store each session of a batch by itself, because one cannot be stored."""
        if len(batch) > 1:
            for one in batch:
                await self._take([one])
            return
        path, session = batch[0]
        self._report.skip(path, None, f"session {session.id} cannot be stored: {error}")

    def _count(self, batch: Batch, found: list[Taken]) -> None:
        for taken, (path, session) in zip(found, batch, strict=True):
            self._totals.add(taken)
            if taken.left_out:
                self._report.skip(path, None, _too_many(taken, session))


def _batches(
    source: Source, paths: Iterable[Path], choice: Choice, report: Report, totals: Totals
) -> Iterator[Batch]:
    """The chosen sessions, as many at a time as are stored together."""
    batch: Batch = []
    size = 0
    now = datetime.now(UTC)
    for path in paths:
        for given in read_safely(source, path, report):
            if not choice.is_about(given):
                totals.not_chosen += 1
                continue
            session = _prepared(given, choice, now, path, report)
            if session is None:
                continue
            for turn_id in session.lost:
                report.skip(path, None, f"turn {turn_id} of session {session.id} is not JSON")
            if not session.turns:
                totals.empty += 1
            elif not choice.is_recent(session.updated_at):
                totals.not_chosen += 1
            else:
                batch.append((path, session))
                size += session.size
            if len(batch) >= _MOST or size >= _LARGEST:
                yield batch
                batch, size = [], 0
    if batch:
        yield batch


def _prepared(
    given: ImportedSession, choice: Choice, now: datetime, path: Path, report: Report
) -> PreparedSession | None:
    """The session, ready to be stored; None, and reported, if it cannot be read."""
    try:
        return prepared(given, choice.prefix, now)
    except TooLargeError:
        why = f"is larger than {LARGEST >> 20} MiB"
    except Exception as error:  # noqa: BLE001  a fault of the source must not end the import
        why = f"cannot be read: unexpected {type(error).__name__}: {error}"[:300]
    report.skip(path, None, f"session {given.id} {why}")
    return None


def is_about_the_file(error: ConvoError) -> bool:
    """Whether the database cannot be used: a plain `DatabaseError` may be about one value."""
    if isinstance(error, DatabaseError):
        return type(error) is not DatabaseError
    return isinstance(error, SessionClosedError)


def _too_many(taken: Taken, session: PreparedSession) -> str:
    return (
        f"session {session.id} has too many branches: {taken.left_out:,} turns are left out, "
        f"because it may have {MOST_BRANCHES:,}, and their shared items {MOST_SHARED:,}"
    )
