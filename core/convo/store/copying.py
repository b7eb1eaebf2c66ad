"""The store's method for copying whole sessions to another database."""

import tempfile
from collections.abc import Callable, Sequence
from typing import IO, TYPE_CHECKING, NamedTuple

from convo.errors import ConflictError
from convo.storage.transaction import Transaction
from convo.store import catalog
from convo.store.base import OpenedStore

if TYPE_CHECKING:
    from convo.copying.copying import Copied


class CopyStep(NamedTuple):
    """How far a copy is: the name that comes next, its number, and the number of all names."""

    name: str
    number: int
    total: int


class Copies(OpenedStore):
    """Copy sessions to another database, of whichever engine."""

    async def copy_to(
        self,
        target: OpenedStore,
        names: Sequence[str] | None = None,
        *,
        skip_existing: bool = False,
        told: Callable[[CopyStep], None] = lambda step: None,
    ) -> "list[Copied]":
        """Copy whole sessions: branches, usage, pending turns, and what can be restored.

        Without `names`, everything is copied, what is known of deleted sessions and of none
        included. Each session is stored in one transaction: there are whole ones or none if this is
        stopped. At its end, the numbers of rows and a hash of every line of turns are compared.

        Raises `SessionNotFoundError`, `ConflictError` if the target has a session of one of the
        names, unless those are skipped, and `DatabaseError`. Run it again to go on.
        """
        from convo.copying import reading

        def find(tx: Transaction) -> list[str]:
            if names is None:
                return reading.names(tx)
            for name in names:
                catalog.require(tx, name)
            return list(dict.fromkeys(names))

        chosen = await self._look(find)
        if not skip_existing:
            await target._look(lambda tx: _check_free(tx, chosen))
        done: list[Copied] = []
        for number, name in enumerate(chosen, 1):
            told(CopyStep(name, number, len(chosen)))
            with tempfile.TemporaryFile() as file:
                done.append(await self._copied(target, name, file, skip_existing=skip_existing))
        return done

    async def _copied(
        self, target: OpenedStore, name: str, file: IO[bytes], *, skip_existing: bool
    ) -> "Copied":
        from convo.copying import copying

        tally = await self._read(lambda tx: copying.read(tx, name, file), name or None)
        return await target._write(
            None, lambda tx: copying.write(tx, name, file, tally, skip_existing=skip_existing)
        )


def _check_free(tx: Transaction, names: Sequence[str]) -> None:
    taken = [name for name in names if catalog.exists(tx, name)]
    if taken:
        more = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
        raise ConflictError(
            f"a session '{taken[0]}'{more} already exists there, and nothing was copied",
            hint="leave out what is there with --skip-existing, or rename it",
        )
