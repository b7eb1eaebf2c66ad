"""A session's access to its database, and the branch that the session is on."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from convo.engines import open_storage
from convo.errors import SessionClosedError
from convo.records import MAIN
from convo.storage.answering import answered
from convo.storage.remembered import Remembered
from convo.storage.search_index import Contents, SearchIndex, Stale
from convo.storage.storage import Storage, StorageOptions
from convo.storage.transaction import Transaction
from convo.structure import state as branch_state
from convo.structure.adoption import ADOPTION
from convo.structure.state import BranchState

if TYPE_CHECKING:
    from convo.postgres.url import ServerAddress

T = TypeVar("T")


class CurrentBranch(NamedTuple):
    """A branch, and the generation it was chosen in (None until the file has been read)."""

    branch_id: str = MAIN
    generation: int | None = None

    def as_of(self, generation: int) -> "CurrentBranch":
        """The current branch in this generation: clearing a session sends it back to `main`."""
        if self.generation == generation:
            return self
        return CurrentBranch(self.branch_id if self.generation is None else MAIN, generation)


class Standing:
    """The branch and generation of a session in one transaction, looked up when needed."""

    def __init__(self, tx: Transaction, session_id: str, asked: CurrentBranch) -> None:
        self.asked = asked
        self._tx = tx
        self._session_id = session_id
        self._current: CurrentBranch | None = None

    @property
    def current(self) -> CurrentBranch:
        """The current branch, with the generation of the session."""
        if self._current is None:
            self.note(_generation(self._tx, self._session_id))
        assert self._current is not None
        return self._current

    @property
    def branch_id(self) -> str:
        """The current branch."""
        return self.current.branch_id

    @property
    def generation(self) -> int:
        """The generation of the session."""
        return self.current.generation or 0

    def note(self, generation: int | None) -> None:
        """Set the generation, which another statement has read, to save a look-up."""
        self._current = self.asked.as_of(generation or 0)

    def state(self, at: CurrentBranch, anchor: int | None = None) -> BranchState:
        """The state of a branch, or of the current one if the session has been cleared since.

        With `anchor`, it includes where that row is now.
        """
        found = branch_state.of(self._tx, self._session_id, at.branch_id, anchor)
        self.note(found.generation)
        if at.generation in (None, self.generation):
            return found
        return branch_state.of(self._tx, self._session_id, self.branch_id)


def _generation(tx: Transaction, session_id: str) -> int | None:
    """The generation of a session; None if nothing was written to it yet."""
    found: int | None = tx.value("generation", session_id=session_id)
    return found


class SessionFile:
    """Reads and writes one session of a file, on its current branch."""

    def __init__(
        self,
        session_id: str,
        address: "str | Path | ServerAddress",
        options: StorageOptions,
        branch_id: str,
    ) -> None:
        """Set the database. Raises the errors that the contract wants at once: see `engines`."""
        self.current = CurrentBranch(branch_id)
        self._session_id = session_id
        self._is_closed = False
        self._generation = Remembered[int | None]()
        self._storage: Storage = open_storage(address, options, ADOPTION)

    def check_open(self) -> None:
        """Raise `SessionClosedError` once the session is closed."""
        if self._is_closed:
            raise SessionClosedError(f"session '{self._session_id}' is closed")

    async def read(
        self,
        work: Callable[[Transaction, CurrentBranch], T],
        ahead: Callable[[Transaction, CurrentBranch], bool] | None = None,
    ) -> T:
        """Run `work` on a snapshot in which every message has its structure.

        `ahead` announces queries that it will ask if the session is still on its branch, and
        returns whether it is likely to ask no others.
        """
        self.check_open()
        asked = self.current

        def announce(tx: Transaction) -> bool:
            tx.ahead("generation", session_id=self._session_id)
            return ahead is not None and ahead(tx, asked)

        def look(tx: Transaction) -> tuple[CurrentBranch, T]:
            found = Standing(tx, self._session_id, asked)
            found.note(self._generation.of(tx, _generation, self._session_id))
            return found.current, work(tx, found.current)

        found, result = await self._storage.read(self._session_id, look, announce)
        self._follow(asked, found)
        return result

    async def search(
        self,
        contents: Contents,
        work: Callable[[Transaction, CurrentBranch, SearchIndex | None], T | Stale],
    ) -> T:
        """Like `read`, with a search index, which is caught up if it is stale.

        `work` gets None as the index if that is not possible.
        """

        async def look(index: SearchIndex | None) -> T | Stale:
            return await self.read(lambda tx, current: work(tx, current, index))

        self.check_open()
        return await answered(self._storage, self._storage.index(contents), look)

    async def write(
        self,
        work: Callable[[Transaction, Standing], T],
        *,
        then: Callable[[T], None] | None = None,
    ) -> T:
        """Run `work` in a transaction of its own.

        `then` is called with the result before any other task can use this session, even if the
        caller has been cancelled in the meantime.
        """
        self.check_open()
        asked = self.current

        def change(tx: Transaction) -> tuple[CurrentBranch, T]:
            found = Standing(tx, self._session_id, asked)
            result = work(tx, found)
            return found.current, result

        def follow(outcome: tuple[CurrentBranch, T]) -> None:
            self._follow(asked, outcome[0])
            if then is not None:
                then(outcome[1])

        _, result = await self._storage.write(self._session_id, change, then=follow)
        return result

    async def close(self) -> None:
        """Close the session once its running work is done. May be repeated."""
        self._is_closed = True
        await self._storage.close()

    def _follow(self, asked: CurrentBranch, found: CurrentBranch) -> None:
        """Take over the branch read from the file, unless the session has moved since."""
        if self.current == asked:
            self.current = found
