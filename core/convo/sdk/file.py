"""A session's way to its database: the branch that it stands on, open or closed."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from convo.errors import SessionClosedError
from convo.records import MAIN
from convo.sqlite.open_databases import resolved
from convo.sqlite.storage import SQLiteStorage
from convo.storage.search_index import SearchIndex, Stale, answered
from convo.storage.storage import Storage, StorageOptions
from convo.storage.transaction import Transaction
from convo.structure.adoption import ADOPTION

T = TypeVar("T")


class Pointer(NamedTuple):
    """A branch, and the generation it was chosen in (None until the file was first seen)."""

    branch_id: str = MAIN
    generation: int | None = None


def located(tx: Transaction, session_id: str, pointer: Pointer) -> Pointer:
    """The pointer as of this transaction: a clear since it was set sends it back to `main`."""
    generation = tx.value("generation", session_id=session_id) or 0
    if pointer.generation == generation:
        return pointer
    return Pointer(pointer.branch_id if pointer.generation is None else MAIN, generation)


class SessionFile:
    """Reads and writes one session of a file, on the branch that its pointer names."""

    def __init__(
        self, session_id: str, path: str | Path, options: StorageOptions, branch_id: str
    ) -> None:
        """Name the file. Raises what the contract wants raised at once: see `SQLiteStorage`."""
        self.pointer = Pointer(branch_id)
        self._session_id = session_id
        self._is_closed = False
        storage = SQLiteStorage(resolved(path), options, ADOPTION)
        storage.check()
        self._storage: Storage = storage

    def check_open(self) -> None:
        """Raise `SessionClosedError` once the session is closed."""
        if self._is_closed:
            raise SessionClosedError(f"session '{self._session_id}' is closed")

    async def read(self, work: Callable[[Transaction, Pointer], T]) -> T:
        """Run `work` on a snapshot in which every message has its structure."""
        self.check_open()
        asked = self.pointer

        def look(tx: Transaction) -> tuple[Pointer, T]:
            found = located(tx, self._session_id, asked)
            return found, work(tx, found)

        found, result = await self._storage.read(self._session_id, look)
        self._follow(asked, found)
        return result

    async def search(
        self,
        index: SearchIndex,
        work: Callable[[Transaction, Pointer, SearchIndex | None], T | Stale],
    ) -> T:
        """As `read`, with an index that is caught up where it is stale.

        `work` is given None for it where that cannot be done.
        """

        async def look(index: SearchIndex | None) -> T | Stale:
            return await self.read(lambda tx, pointer: work(tx, pointer, index))

        self.check_open()
        return await answered(self._storage, index, look)

    async def write(
        self,
        work: Callable[[Transaction, Pointer], T],
        *,
        then: Callable[[T], None] | None = None,
    ) -> T:
        """Run `work` in a transaction of its own.

        `then` is given the result before anybody else can act on this session, and even if the
        caller has been cancelled by then.
        """
        self.check_open()
        asked = self.pointer

        def change(tx: Transaction) -> tuple[Pointer, T]:
            found = located(tx, self._session_id, asked)
            return found, work(tx, found)

        def follow(outcome: tuple[Pointer, T]) -> None:
            self._follow(asked, outcome[0])
            if then is not None:
                then(outcome[1])

        _, result = await self._storage.write(self._session_id, change, then=follow)
        return result

    async def close(self) -> None:
        """Let go of the file; waits until what was under way is done. May be repeated."""
        self._is_closed = True
        await self._storage.close()

    def _follow(self, asked: Pointer, found: Pointer) -> None:
        """Go where the file says, unless the session has been moved since it was asked."""
        if self.pointer == asked:
            self.pointer = found
