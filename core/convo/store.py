"""`ConversationStore`: a whole database of conversations, for programs that manage them."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Literal, Self, TypeVar

from convo import (
    adoption,
    branches,
    catalog,
    consistency,
    heads,
    history,
    ledger,
    navigation,
    registry,
    turns,
    usage,
)
from convo.consistency import Problem
from convo.conversation_file import Content, content_when_unlocked, make
from convo.database import LOCK_TIMEOUT, Access, Database
from convo.errors import SessionClosedError
from convo.items import Item, encoded
from convo.names import check_name
from convo.opening import IN_MEMORY
from convo.records import (
    MAIN,
    BranchInfo,
    Head,
    RunRecord,
    SessionInfo,
    SessionModel,
    Tokens,
    TurnInfo,
    UsageRow,
)
from convo.session import AdvancedSQLiteSession
from convo.statements import Tables, statements_for
from convo.timestamps import iso_utc
from convo.transaction import Transaction
from convo.unreadable import Unreadable

T = TypeVar("T")


class ConversationStore:
    """The sessions, branches and turns of one database file, and its head.

    Use it as an async context manager. Every method raises a `ConvoError`: a `NotFoundError` for
    a session, branch or turn that is not there, a `ConflictError` for a taken name or a head that
    somebody else has moved, a `DatabaseError` for a file that cannot be used.
    """

    def __init__(
        self, path: str | Path, *, create: bool = False, lock_timeout: float = LOCK_TIMEOUT
    ) -> None:
        """Name the file.

        Args:
            path: The file, with `~` expanded. One that is not there reads as an empty database.
            create: Whether to make the file and its folder, readable by the user alone.
            lock_timeout: Seconds to wait while another process holds the file.
        """
        self.path = registry.resolved(path)
        self._access = Access(statements_for(Tables()), True, lock_timeout)
        self._create = create
        self._database: Database | None = None
        self._sessions: list[AdvancedSQLiteSession] = []
        self._unreadable = Unreadable(logging.getLogger("convo"))

    async def __aenter__(self) -> Self:
        content = await content_when_unlocked(self.path, self._access)
        if content is Content.NOTHING and self._create:
            make(self.path)
        elif content is Content.NOTHING:
            self.path = IN_MEMORY
        self._database = (
            Database(IN_MEMORY) if self.path == IN_MEMORY else registry.acquire(self.path)
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        database, self._database = self._database, None
        for session in self._sessions:
            await session.close()
        if database is not None:
            in_memory = self.path == IN_MEMORY
            for link in database.links() if in_memory else registry.release(database):
                await link.close()

    def session(self, session_id: str, branch_id: str = MAIN) -> AdvancedSQLiteSession:
        """A session of this file, standing on a branch; closed with the store."""
        session = AdvancedSQLiteSession(
            session_id=session_id,
            db_path=self.path,
            create_tables=True,
            branch_id=branch_id,
            lock_timeout=self._access.lock_timeout,
        )
        self._sessions.append(session)
        return session

    async def head(self) -> Head:
        """The current session and its current branch."""
        return await self._read(heads.current)

    async def session_head(self, session_id: str) -> Head:
        """A session and its current branch."""

        def find(tx: Transaction) -> Head:
            catalog.require(tx, session_id)
            return heads.of_session(tx, session_id)

        return await self._read(find, session_id)

    async def sessions(self) -> list[SessionInfo]:
        """All sessions, the one that was written to last first."""
        return await self._read(catalog.listed)

    async def session_model(self, session_id: str) -> SessionModel:
        """What the last turn of a session was asked of."""
        return await self._read(lambda tx: catalog.model_of(tx, session_id), session_id)

    async def start_session(self, name: str, *, unique: bool = False) -> str:
        """Start a session and make it current; return its name.

        With `unique`, a name that is taken gets a number; without, that is a `NameTakenError`.
        """
        check_name("session", name)
        return await self._write(lambda tx: catalog.start(tx, name, unique=unique))

    async def use_session(self, session_id: str, *, expected: str | None) -> None:
        """Make a session current, unless the current one is not the `expected` one."""

        def use(tx: Transaction) -> None:
            catalog.require(tx, session_id)
            heads.use_session(tx, session_id, expected=expected)

        await self._write(use)

    async def rename_session(self, old: str, new: str) -> None:
        """Give a session another name."""
        check_name("session", new)
        await self._write(lambda tx: catalog.rename(tx, old, new))

    async def delete_session(self, session_id: str) -> None:
        """Delete a session for good; the ledger keeps what it cost."""
        await self._write(lambda tx: catalog.delete(tx, session_id))

    async def branches(self, session_id: str, current: str | None = None) -> list[BranchInfo]:
        """The branches of a session, the oldest first; `current` is marked, else the head's."""

        def collect(tx: Transaction) -> list[BranchInfo]:
            catalog.require(tx, session_id)
            marked = current or heads.of_session(tx, session_id).branch_id
            spent = {
                row.branch_id: row.tokens
                for row in ledger.by_branch(ledger.turn_rows(tx, session_id, None), session_id)
            }
            return [
                BranchInfo(
                    branch_id=row.branch_id,
                    parent_branch_id=row.parent_branch_id,
                    forked_from_turn=row.forked_from_turn,
                    user_turns=row.turns,
                    message_count=row.messages,
                    tokens=spent.get(row.branch_id, Tokens()),
                    created_at=iso_utc(row.created_at),
                    is_current=row.branch_id == marked,
                )
                for row in branches.listed(tx, session_id)
            ]

        return await self._read(collect, session_id)

    async def require_branch(self, session_id: str, branch_id: str) -> None:
        """Raise a `NotFoundError`, naming the nearest, unless session and branch are there."""
        await self._read(
            lambda tx: navigation.require_branch(tx, session_id, branch_id), session_id
        )

    async def branch(
        self,
        session_id: str,
        source: str,
        *,
        turn: int | None = None,
        match: str | None = None,
        after: int | None = None,
        name: str | None = None,
        expected: str | None,
    ) -> str:
        """Make a branch of `source` and move the head to it, from `expected`; return its name.

        The branch holds the turns before `turn`, or before the first that says `match`, or those
        up to and including `after`: exactly one of the three is given. With `expected` None the
        head stays where it is.
        """

        def create(tx: Transaction) -> str:
            adoption.adopt(tx, session_id)
            navigation.require_branch(tx, session_id, source)
            number = after if turn is None else turn
            if number is None:
                number = navigation.turn_saying(
                    tx, session_id, source, match or "", self._unreadable
                )
            return navigation.branch_off(
                tx,
                session_id,
                source,
                number,
                name,
                include_turn=after is not None,
                expected=expected,
            )

        if sum(choice is not None for choice in (turn, match, after)) != 1:
            raise ValueError("give exactly one of turn, match and after")
        return await self._write(create)

    async def switch(self, session_id: str, branch_id: str, *, expected: str) -> None:
        """Move the session's head from the branch `expected` to another."""
        await self._write(
            lambda tx: navigation.switch(tx, session_id, branch_id, expected=expected)
        )

    async def delete_branches(
        self, session_id: str, branch_ids: list[str], *, force: bool = False
    ) -> None:
        """Delete branches, all or none; the current one only with `force`."""
        await self._write(
            lambda tx: navigation.delete_branches(tx, session_id, branch_ids, force=force)
        )

    async def last_turn(self, session_id: str, branch_id: str) -> int:
        """The number of the last turn of a branch, 0 where it has none; fast on long branches."""

        def find(tx: Transaction) -> int:
            navigation.require_branch(tx, session_id, branch_id)
            numbers = turns.number_range(tx, session_id, branch_id)
            return 0 if numbers is None else numbers[1]

        return await self._read(find, session_id)

    async def turns(self, session_id: str, branch_id: str) -> list[TurnInfo]:
        """The turns of a branch, in order."""

        def collect(tx: Transaction) -> list[TurnInfo]:
            navigation.require_branch(tx, session_id, branch_id)
            return turns.summaries(tx, session_id, branch_id, self._unreadable)

        return await self._read(collect, session_id)

    async def history(self, session_id: str, branch_id: str) -> list[Item]:
        """The items of a branch, as a model is sent them."""
        return await self._read(
            lambda tx: history.read(tx, session_id, branch_id, None, self._unreadable), session_id
        )

    async def usage(
        self,
        session_id: str,
        *,
        branch_id: str | None = None,
        by: Literal["total", "turn", "branch"] = "total",
    ) -> list[UsageRow]:
        """What a session cost, or one of its branches, what was deleted included."""

        def collect(tx: Transaction) -> list[UsageRow]:
            catalog.require(tx, session_id)
            rows = ledger.turn_rows(tx, session_id, branch_id)
            if by == "total":
                return [ledger.summed(rows, session_id, branch_id)]
            return rows if by == "turn" else ledger.by_branch(rows, session_id)

        return await self._read(collect, session_id)

    async def record_turn(
        self, session_id: str, branch_id: str, items: list[Item], run: RunRecord
    ) -> int:
        """Store a whole turn and what it cost, at once or not at all; return its number."""
        rows = encoded(items)

        def record(tx: Transaction) -> int:
            catalog.require(tx, session_id)
            turn = history.append(tx, session_id, branch_id, rows)
            usage.store(tx, session_id, turn, run)
            tx.run(
                "set_session_model",
                session_id=session_id,
                model=run.model,
                base_url=run.base_url,
                api=run.api,
            )
            return turn.turn

        return await self._write(record)

    async def check(self) -> list[Problem]:
        """What is inconsistent in the file: nothing, if all is well."""
        return await self._opened().read(self._access, consistency.problems)

    async def repair(self) -> list[Problem]:
        """Mend what can be mended without deleting a message; return what is still wrong."""

        def mend(tx: Transaction) -> list[Problem]:
            consistency.mend(tx)
            return consistency.problems(tx)

        return await self._write(mend)

    async def _read(self, work: Callable[[Transaction], T], session_id: str | None = None) -> T:
        return await adoption.read_adopted(self._opened(), self._access, session_id, work)

    async def _write(self, work: Callable[[Transaction], T]) -> T:
        return await self._opened().write(self._access, work)

    def _opened(self) -> Database:
        if self._database is None:
            raise SessionClosedError("the store is not open: use it as an async context manager")
        return self._database
