"""Whether a file is sound, what can be mended, and a copy of it."""

from pathlib import Path

from convo.errors import NotFoundError
from convo.records import Backup
from convo.sqlite.connect import IN_MEMORY
from convo.sqlite.open_databases import resolved
from convo.storage.transaction import Transaction
from convo.store import consistency
from convo.store.base import OpenedStore
from convo.store.consistency import Problem


class Health(OpenedStore):
    """What is wrong with a file, its repair, and its copy."""

    async def back_up(self, path: str | Path, *, overwrite: bool = False) -> Backup:
        """Copy the database to another file, while others go on writing to this one.

        The copy is one snapshot, a single file that nobody but the user may read, and is verified.
        Raises `NotFoundError` where no file is there, `NameTakenError` for a copy that would take
        the place of a file, unless that is to be overwritten, `ConflictError` for the database
        itself and one that is open, and `DatabaseError`.
        """
        target = Path(resolved(path))
        if self.path == IN_MEMORY:
            raise NotFoundError("there is no database to copy yet")
        return await self._opened().back_up(target, overwrite=overwrite)

    async def check(self) -> list[Problem]:
        """What is inconsistent in the file: nothing, if all is well."""
        return await self._look(consistency.problems)

    async def repair(self) -> list[Problem]:
        """Mend what can be mended without deleting a message; return what is still wrong."""

        def mend(tx: Transaction) -> list[Problem]:
            consistency.mend(tx)
            return consistency.problems(tx)

        return await self._write(None, mend)
