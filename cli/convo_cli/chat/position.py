"""Where a chat stands, and how it moves.

A chat stays on its branch whatever others do. While the head of the database is on the same
branch, the head moves with the chat. Once another shell has moved the head, the chat moves alone,
and the head stays where that shell put it until both are on the same branch again.
"""

from dataclasses import replace
from functools import partial

from convo.errors import (
    BranchNotFoundError,
    CurrentBranchError,
    HeadMovedError,
    NotFoundError,
    SessionNotFoundError,
)
from convo.records import MAIN, LandedTurn, Removed, Restored, StoredTurn
from convo.store import ConversationStore
from convo_cli.ask.conversation import Destination


class NotBegunError(NotFoundError):
    """The conversation has no session yet; its first message creates one."""


class Position:
    """The session and branch of a chat; `other` is how notices call others that change them."""

    def __init__(
        self, store: ConversationStore, destination: Destination, *, other: str = "another shell"
    ) -> None:
        self.store = store
        self.other = other
        self._destination = destination
        self._own: set[tuple[str, int]] = set()
        self._previous: str | None = None

    @property
    def session(self) -> str | None:
        """The session, or the name that it will have; None if its first prompt will name it."""
        return self._destination.session

    @property
    def branch(self) -> str:
        """The branch that the next turn is put on."""
        return self._destination.branch

    @property
    def begun(self) -> bool:
        """Whether the session exists."""
        return self._destination.exists

    def require_session(self) -> str:
        """The session. Raises `NotBegunError` if it does not exist yet."""
        if self._destination.session is None or not self._destination.exists:
            raise NotBegunError(
                "nothing was said in this conversation yet",
                hint="ask something, or go to another with /session",
            )
        return self._destination.session

    async def next_turn(self) -> int:
        """The number that the next turn will have."""
        if not self.begun:
            return 1
        return await self.store.last_turn(self.require_session(), self.branch) + 1

    async def last_agent(self) -> str | None:
        """The agent that the last turn handed over to; None without a handoff."""
        if not self.begun:
            return None
        return await self.store.last_agent(self.require_session(), self.branch)

    @property
    def destination(self) -> Destination:
        """The destination of the next question, with the chat's own branch as its head."""
        return replace(self._destination, head=self.branch)

    async def went_on(self, stored: StoredTurn) -> str | None:
        """Move past a stored turn; return the branch of the head if the head did not move along."""
        session, branch = stored.session_id, stored.branch_id
        self._own.add((branch, stored.turn))
        is_new = branch != self.branch
        if is_new:
            self._previous = self.branch
        self._destination = replace(self._destination, session=session, exists=True, branch=branch)
        head = await self._head() if is_new else branch
        return head if head != branch else None

    def note_own(self, branch: str, turn: int) -> None:
        """Note that the chat itself has stored a turn beside its branch."""
        self._own.add((branch, turn))

    def merged(self, first: int, last: int) -> None:
        """Note that the chat itself has put turns on its branch by a merge."""
        self._own |= {(self.branch, turn) for turn in range(first, last + 1)}

    def is_own(self, turn: LandedTurn) -> bool:
        """Whether the chat itself has stored a turn."""
        return (turn.branch_id, turn.turn) in self._own

    async def joined(self) -> str | None:
        """Go on in a session of the name that the chat would have begun, if it is there by now.

        Returns a notice for the user; None if it is not there.
        """
        session = self.session
        if self.begun or session is None:
            return None
        try:
            await self.store.require_branch(session, self.branch)
        except NotFoundError:
            return None
        self._destination = replace(self._destination, exists=True)
        return f"{self.other} has begun the session '{session}'; you are in it"

    async def switch(self, branch: str) -> str | None:
        """Go to another branch; return the branch of the head if the head did not move along."""
        session = self.require_session()
        left_behind = None
        try:
            await self.store.switch(session, branch, expected=self.branch)
        except HeadMovedError:
            left_behind = await self._head()
        self._stand_on(branch)
        return left_behind if left_behind != branch else None

    async def go_to(self, session: str) -> str | None:
        """Go to the current branch of another session.

        Returns the session of the head if the head did not move along.
        """
        head = await self.store.session_head(session)
        current = (await self.store.head()).session_id
        left_behind = None
        try:
            await self.store.use_session(session, expected=self.session if self.begun else current)
        except HeadMovedError:
            left_behind = (await self.store.head()).session_id
        self._destination = Destination(session, True, head.branch_id)
        self._previous = None
        return left_behind if left_behind != session else None

    def start_new(self, name: str | None) -> None:
        """Go to a session to be created; without a name, its first prompt names it."""
        self._destination = Destination(name, False)
        self._previous = None

    async def fork(
        self, name: str | None, *, turn: int | None, match: str | None
    ) -> tuple[str, str | None]:
        """Go to a new branch of the turns before `turn`, or before the first that matches `match`.

        The next turn's number keeps all turns. Returns the name of the branch, and the branch of
        the head if the head did not move along.
        """
        session = self.require_session()
        next_turn = await self.next_turn()
        after = next_turn - 1 if turn == next_turn > 1 else None
        make = partial(
            self.store.branch,
            session,
            self.branch,
            turn=turn if after is None else None,
            match=match,
            after=after,
            name=name,
        )
        left_behind = None
        try:
            new = await make(expected=self.branch)
        except HeadMovedError:
            new = await make(expected=None)
            left_behind = await self._head()
        self._stand_on(new)
        return new, left_behind

    async def delete(self, branches: list[str], *, force: bool) -> bool:
        """Delete branches; return whether the chat had to leave its own for `main`."""
        session = self.require_session()
        leaves = self.branch in branches
        if leaves and not force and self.branch != MAIN:
            raise CurrentBranchError(
                f"'{self.branch}' is the current branch",
                hint="switch to another branch first, or say --force",
            )
        await self.store.delete_branches(session, branches, force=force)
        if leaves:
            self._stand_on(MAIN)
        if self._previous in branches:
            self._previous = None
        return leaves

    async def undo(self, count: int | None) -> Removed:
        """Undo the last turns of the branch, or what came last."""
        return await self.store.undo(self.require_session(), self.branch, count)

    async def restore(self, branch: str | None) -> list[Restored]:
        """Restore the last removal, or the last removal of a branch; stay on the current branch."""
        return await self.store.restore(self.require_session(), branch)

    async def rename(self, old: str, new: str) -> None:
        """Give a branch another name; the chat stays on it."""
        await self.store.rename_branch(self.require_session(), old, new)
        if self.branch == old:
            self._destination = replace(self._destination, branch=new)
        if self._previous == old:
            self._previous = new

    async def before(self) -> str | None:
        """The branch that the chat was on before, or else the previous branch of the head."""
        if self._previous is not None:
            return self._previous
        head = await self.store.session_head(self.require_session())
        return head.previous_branch_id if head.branch_id == self.branch else None

    async def settle(self) -> str | None:
        """Leave a branch or session that another shell deleted, and follow one that it renamed.

        Returns a notice for the user; None if nothing has changed.
        """
        if not self.begun:
            return None
        session, branch = self.require_session(), self.branch
        try:
            await self.store.require_branch(session, branch)
        except SessionNotFoundError:
            new = await self.store.session_renamed_to(session)
            if new is not None:
                self._destination = replace(self._destination, session=new)
                said = f"{self.other} has renamed the session '{session}' to '{new}'"
                elsewhere = await self.settle()
                return f"{said}; {elsewhere or 'you are in it'}"
            self.start_new(session)
            return (
                f"{self.other} has deleted the session '{session}'; "
                "the next message starts one of that name"
            )
        except BranchNotFoundError:
            new = await self.store.renamed_to(session, branch)
            if new is not None:
                self._destination = replace(self._destination, branch=new)
                return f"{self.other} has renamed '{branch}' to '{new}'; you are on it"
            self._stand_on(MAIN)
            self._previous = None
            return f"{self.other} has deleted the branch '{branch}'; you are on '{MAIN}' now"
        return None

    async def _head(self) -> str:
        return (await self.store.session_head(self.require_session())).branch_id

    def _stand_on(self, branch: str) -> None:
        if branch != self.branch:
            self._previous = self.branch
            self._destination = replace(self._destination, branch=branch)
