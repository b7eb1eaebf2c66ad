"""Whether a file is sound, and what can be mended."""

from convo import consistency
from convo.consistency import Problem
from convo.store.opened import OpenedStore
from convo.transaction import Transaction


class Health(OpenedStore):
    """What is wrong with a file, and its repair."""

    async def check(self) -> list[Problem]:
        """What is inconsistent in the file: nothing, if all is well."""
        return await self._opened().read(self._access, consistency.problems)

    async def repair(self) -> list[Problem]:
        """Mend what can be mended without deleting a message; return what is still wrong."""

        def mend(tx: Transaction) -> list[Problem]:
            consistency.mend(tx)
            return consistency.problems(tx)

        return await self._write(mend)
