"""The turns of a conversation: listed, found, taken apart."""

from convo.history import turns
from convo.results import ConversationTurn, TurnItem
from convo.sdk.base import OpenedSession
from convo.sdk.file import Pointer
from convo.search import prompts
from convo.sqlite.full_text import FullTextIndex
from convo.storage.search_index import SearchIndex, Stale
from convo.storage.transaction import Transaction

PROMPTS = FullTextIndex(prompts.PROMPTS)


class Turns(OpenedSession):
    """What a session says of its turns."""

    async def get_conversation_turns(self, branch_id: str | None = None) -> list[ConversationTurn]:
        """The user turns of a branch, their content cut to 100 characters."""
        return await self._read(
            lambda tx, branch: turns.conversation(tx, self.session_id, branch, self._unreadable),
            branch_id,
        )

    async def find_turns_by_content(
        self, search_term: str, branch_id: str | None = None
    ) -> list[ConversationTurn]:
        """The user turns of a branch that say `search_term`, in whatever case, uncut."""

        def find(
            tx: Transaction, pointer: Pointer, index: SearchIndex | None
        ) -> list[ConversationTurn] | Stale:
            branch = pointer.branch_id if branch_id is None else branch_id
            return turns.containing(
                tx, index, self.session_id, branch, search_term, self._unreadable
            )

        return await self._file.search(PROMPTS, find)

    async def get_conversation_by_turns(
        self, branch_id: str | None = None
    ) -> dict[int, list[TurnItem]]:
        """What each turn of a branch consists of: the types of its items, and their tools."""
        return await self._read(
            lambda tx, branch: turns.items_by_turn(tx, self.session_id, branch), branch_id
        )

    async def get_tool_usage(self, branch_id: str | None = None) -> list[tuple[str, int, int]]:
        """(tool, calls, turn) for every tool that a turn of the branch called."""
        return await self._read(
            lambda tx, branch: turns.tool_usage(tx, self.session_id, branch), branch_id
        )
