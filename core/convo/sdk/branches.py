"""The session class's methods for branches and turns."""

from convo.branches import branches
from convo.errors import NoMatchError
from convo.history import turns
from convo.records import MAIN
from convo.results import BranchSummary, ConversationTurn, TurnItem
from convo.sdk.base import OpenedSession
from convo.sdk.file import CurrentBranch, Standing
from convo.search import prompts
from convo.storage.search_index import SearchIndex, Stale
from convo.storage.transaction import Transaction


class Branches(OpenedSession):
    """Create, switch, delete and list branches, and query their turns."""

    async def create_branch_from_turn(
        self, turn_number: int, branch_name: str | None = None, *, include_turn: bool = False
    ) -> str:
        """Make a branch of the turns before `turn_number` and switch to it; return its name.

        Args:
            turn_number: A turn of the current branch that a user message began.
            branch_name: A name that was never used in this session, taken as it is. Without it, a
                name is made from the turn and the time.
            include_turn: Keep the turn itself too.

        Raises:
            ValueError: The turn does not exist, or the name is blank or has been used.
        """

        def create(tx: Transaction, standing: Standing) -> CurrentBranch:
            branch_id = branches.create(
                tx,
                self.session_id,
                standing.branch_id,
                turn_number,
                branch_name,
                include_turn=include_turn,
            )
            return CurrentBranch(branch_id, standing.generation)

        return (await self._file.write(create, then=self._point)).branch_id

    async def create_branch_from_content(
        self, search_term: str, branch_name: str | None = None
    ) -> str:
        """Make a branch from the first turn that contains `search_term`; return its name.

        Raises:
            ValueError: No turn contains it, or the name is blank or has been used.
        """
        matches = await self.find_turns_by_content(search_term)
        if not matches:
            raise NoMatchError(f"No user turns found containing '{search_term}'")
        return await self.create_branch_from_turn(matches[0]["turn"], branch_name)

    async def switch_to_branch(self, branch_id: str) -> None:
        """Switch to another branch.

        Raises:
            ValueError: The branch does not exist.
        """

        def find(tx: Transaction, current: CurrentBranch) -> CurrentBranch:
            branches.require(tx, self.session_id, branch_id)
            return CurrentBranch(branch_id, current.generation)

        self._point(await self._file.read(find))

    async def delete_branch(self, branch_id: str, force: bool = False) -> None:
        """Delete a branch with its messages, except those that are on another branch too.

        With `force`, the current branch can be deleted; the session is then on `main`.

        Raises:
            ValueError: The name is blank or `main`, the branch is the current one and `force` is
                not given, or the branch does not exist.
        """

        def delete(tx: Transaction, standing: Standing) -> CurrentBranch:
            branches.check_deletable(branch_id, current=standing.branch_id, force=force)
            branches.delete(tx, self.session_id, branch_id)
            return CurrentBranch(MAIN, standing.generation)

        def leave(main: CurrentBranch) -> None:
            if self._file.current.branch_id == branch_id:
                self._point(main)

        await self._file.write(delete, then=leave)

    async def list_branches(self) -> list[BranchSummary]:
        """Every branch, the oldest first; `main` is always among them."""

        def list_(tx: Transaction, current: str) -> list[BranchSummary]:
            found = self._counted.of(tx, branches.counted, self.session_id)
            return branches.summaries(found, current=current)

        return await self._read(list_)

    async def get_conversation_turns(self, branch_id: str | None = None) -> list[ConversationTurn]:
        """The user turns of a branch, their content shortened to 100 characters."""
        return await self._read(
            lambda tx, branch: turns.conversation(tx, self.session_id, branch, self._unreadable),
            branch_id,
        )

    async def find_turns_by_content(
        self, search_term: str, branch_id: str | None = None
    ) -> list[ConversationTurn]:
        """The user turns of a branch that contain `search_term`, in any case, not shortened."""

        def find(
            tx: Transaction, current: CurrentBranch, index: SearchIndex | None
        ) -> list[ConversationTurn] | Stale:
            branch = current.branch_id if branch_id is None else branch_id
            return turns.containing(
                tx, index, self.session_id, branch, search_term, self._unreadable
            )

        return await self._file.search(prompts.PROMPTS, find)

    async def get_conversation_by_turns(
        self, branch_id: str | None = None
    ) -> dict[int, list[TurnItem]]:
        """The types and tools of the items of each turn of a branch."""
        return await self._read(
            lambda tx, branch: turns.items_by_turn(tx, self.session_id, branch), branch_id
        )

    async def get_tool_usage(self, branch_id: str | None = None) -> list[tuple[str, int, int]]:
        """(tool, number of calls, turn) for every tool that a turn of the branch called."""
        return await self._read(
            lambda tx, branch: turns.tool_usage(tx, self.session_id, branch), branch_id
        )
