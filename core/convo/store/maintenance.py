"""The store's methods for checking, repairing and backing up a file."""

from pathlib import Path

from convo.errors import NotFoundError
from convo.records import Backup
from convo.sqlite.connect import IN_MEMORY
from convo.sqlite.open_databases import resolved
from convo.sqlite.storage import SQLiteStorage
from convo.storage.transaction import Transaction
from convo.store import consistency
from convo.store.base import OpenedStore
from convo.store.consistency import Problem


class Health(OpenedStore):
    """Check, repair and back up the file."""

    async def back_up(self, path: str | Path, *, overwrite: bool = False) -> Backup:
        """Copy the database to another file; other programs can keep writing to this one.

        The copy is a verified snapshot, a single file that only the user may read. Raises
        `NotFoundError` if there is no database, `NameTakenError` if the target exists and is not
        to be overwritten, `ConflictError` if it is the database itself or one that is open, and
        `DatabaseError`.
        """
        target = Path(resolved(path))
        if self.path == IN_MEMORY:
            raise NotFoundError("there is no database to copy yet")
        storage = self._opened()
        if not isinstance(storage, SQLiteStorage):
            raise NotFoundError(
                f"the database {self.path} is on a server, and is no file to copy",
                hint="copy its sessions with `convo db copy`, or all of it with pg_dump",
            )
        return await storage.back_up(target, overwrite=overwrite)

    async def create_tables(self) -> None:
        """Create what is missing of the tables."""
        await self._write(None, lambda tx: None)

    async def check(self) -> list[Problem]:
        """All inconsistencies in the file; an empty list if there are none."""
        return await self._look(consistency.problems)

    async def repair(self) -> list[Problem]:
        """Repair the file without deleting messages; return the remaining problems."""

        def mend(tx: Transaction) -> list[Problem]:
            tx.rows("lock_every_session")
            consistency.mend(tx)
            return consistency.problems(tx)

        return await self._write(None, mend)
