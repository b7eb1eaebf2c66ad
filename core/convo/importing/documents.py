"""Imports convo's own documents, which hold more than the records of a source could."""

import asyncio
import io
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, BinaryIO

from convo.documents.parsing import DocumentError
from convo.documents.storing import StoredDocument, session_of_document, store_document
from convo.errors import ConvoError, joined
from convo.importing.archives import documents
from convo.importing.choosing import Choice, Totals
from convo.importing.reading import opened
from convo.importing.source import Report
from convo.importing.storing import News, Taken
from convo.importing.taking import is_about_the_file
from convo.storage.storage import Storage
from convo.storage.transaction import Transaction

_NAMES = re.compile(r"[^.].*\.(?:json|convo)", re.IGNORECASE | re.DOTALL)
_SMALL, _MOST = 64 * 1024, 64
"""The most bytes of a small document, and how many of those are stored together."""

_NEWS: dict[str, News] = {"new": "new", "grown": "grown", "unchanged": "same"}


class _DryRunError(Exception):
    """Rolls a transaction back; has what it would have stored."""

    def __init__(self, stored: StoredDocument) -> None:
        super().__init__("nothing is stored")
        self.stored = stored


class DocumentImport:
    """One import of documents into a database; `totals` counts what it has met."""

    def __init__(self, storage: Storage, choice: Choice, report: Report, totals: Totals) -> None:
        self._storage = storage
        self._choice = choice
        self._report = report
        self._totals = totals

    async def run(self, paths: Iterable[Path], told: Callable[[], None]) -> None:
        """Take what is new in files, folders and archives; call `told` after each document."""
        small: list[tuple[str, BinaryIO]] = []
        for path in paths:
            for name, file in _opened(path, self._report):
                beginning = file.read(_SMALL)
                self._report.read += file.seek(0, 2)
                if file.tell() > len(beginning):
                    await self._take(name, file)
                else:
                    small.append((name, io.BytesIO(beginning)))
                if len(small) >= _MOST:
                    await self._take_together(small)
                    small = []
                told()
        await self._take_together(small)
        told()

    async def _take_together(self, small: Iterable[tuple[str, BinaryIO]]) -> None:
        """Store small documents together, so that they wait for the disk only once."""
        tasks = (self._take(name, file) for name, file in small)
        for error in await asyncio.gather(*tasks, return_exceptions=True):
            if error is not None:
                raise error

    async def _take(self, name: str, file: BinaryIO) -> None:
        try:
            if self._is_chosen(file):
                await self._store(file)
            else:
                self._totals.not_chosen += 1
        except DocumentError as error:
            self._report.skip(name, error.line, joined(error.why, error.hint))
        except OSError as error:
            self._report.skip(name, None, error.strerror or str(error))
        except ConvoError as error:
            if is_about_the_file(error):
                raise
            self._report.skip(name, None, f"it cannot be stored: {error}")

    def _is_chosen(self, file: BinaryIO) -> bool:
        if self._choice.project is not None:
            return False
        session = session_of_document(file)
        return self._choice.is_recent(str(session.updated_at or session.created_at or ""))

    async def _store(self, file: BinaryIO) -> None:
        def store(tx: Transaction) -> StoredDocument:
            stored = store_document(tx, file, self._choice.prefix or "")
            if self._choice.is_dry:
                raise _DryRunError(stored)
            return stored

        try:
            # Counted even if this is cancelled while it is committed.
            await self._storage.write(None, store, then=self._count)
        except _DryRunError as dry:
            self._count(dry.stored)

    def _count(self, stored: StoredDocument) -> None:
        self._totals.add(Taken(_NEWS[stored.outcome], stored.session_id, stored.turns))


def _opened(path: Path, report: Report) -> Iterator[tuple[str, BinaryIO]]:
    """The documents of a path, each as a file that can be read more than once."""
    if not (path.is_dir() or path.is_file()):
        with opened(path, report) as pipe:
            if pipe is not None:
                yield from _copied(str(path), pipe, report)
        return
    for name, stream in documents(path, _NAMES, report):
        if isinstance(stream, io.BufferedReader):
            yield name, stream
        else:
            # Unpacked once, however often it is read.
            yield from _copied(name, stream, report)


def _copied(name: str, stream: IO[bytes], report: Report) -> Iterator[tuple[str, BinaryIO]]:
    with tempfile.TemporaryFile() as copy:
        try:
            shutil.copyfileobj(stream, copy)
        except Exception as error:  # noqa: BLE001  a damaged archive raises anything
            report.skip(name, None, f"it cannot be read: {error}")
            return
        yield name, copy
