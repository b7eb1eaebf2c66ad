"""The store's methods for documents: the exact JSON of a session, written and stored."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from convo.storage.transaction import Transaction
from convo.store import lookup
from convo.store.base import OpenedStore

if TYPE_CHECKING:
    from convo.documents.storing import StoredDocument
    from convo.documents.writing import Cleaner
    from convo.importing.choosing import Choice, Totals
    from convo.importing.source import Report


class Documents(OpenedStore):
    """Write sessions as documents, and store documents as sessions."""

    async def write_document(
        self,
        session_id: str,
        file: BinaryIO,
        *,
        branch_id: str | None = None,
        cleaner: "Cleaner | None" = None,
    ) -> None:
        """Write the document of a session, or of one of its branches alone, to an empty file.

        `cleaner` may change each row before it is written.
        """

        # Imported here because few programs write documents.
        from convo.documents import writing

        def write(tx: Transaction) -> None:
            if branch_id is not None:
                lookup.require_branch(tx, session_id, branch_id)
            # This may run a second time, after a first one that did not end.
            file.seek(0)
            file.truncate()
            for piece in writing.pieces(tx, session_id, branch_id, cleaner):
                file.write(piece.encode())

        await self._read(write, session_id)

    async def sessions_without_record(self) -> list[str]:
        """The names that only the ledger or a pending turn has, such as those of deleted sessions.

        What belongs to no session has the name "".
        """
        return await self._look(lambda tx: [name for (name,) in tx.rows("sessions_without_record")])

    async def store_document(self, file: BinaryIO, *, prefix: str = "") -> "StoredDocument":
        """Store the session of a document, in one transaction; `prefix` begins its name.

        If the session has been stored before, only what is new in the document is stored. Raises
        `DocumentError`, and stores nothing then.
        """
        # Imported here because few programs store documents.
        from convo.documents.storing import store_document

        return await self._write(None, lambda tx: store_document(tx, file, prefix))

    async def import_documents(
        self,
        paths: Iterable[Path],
        choice: "Choice",
        report: "Report",
        totals: "Totals",
        told: Callable[[], None] = lambda: None,
    ) -> None:
        """Store what is new in documents: files, or those in folders and archives.

        See `import_from`.
        """
        from convo.importing.documents import DocumentImport

        await DocumentImport(self._opened(), choice, report, totals).run(paths, told)
