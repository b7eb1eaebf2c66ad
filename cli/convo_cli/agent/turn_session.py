"""A turn held in memory beside the history that it continues.

The SDK reads the conversation from its session and writes every item of the run back to it, also
of runs that end badly. Here it writes to a list, which is stored whole when the turn has ended, or
forgotten.
"""

from collections.abc import Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any, cast

from convo_cli.turn.choice import Content
from convo_cli.wire.conversations import conversation_of, told_apart
from convo_cli.wire.pairs import call_id

if TYPE_CHECKING:
    from agents.items import TResponseInputItem
    from agents.memory import SessionSettings


class HeldSession:
    """The SDK's session protocol over a history that it never changes.

    `session_id` is the same for all turns of one conversation: servers that cache prompts are told
    by it which requests begin alike. What a damaged file has in the place of an item is left out.
    `done` is what an earlier run of the turn has done: its calls keep their ids.
    """

    def __init__(
        self, history: Sequence[Any], prompt: Content, done: Sequence[dict[str, Any]] = ()
    ) -> None:
        self.session_id = conversation_of(history, {"content": prompt, "role": "user"})
        self.session_settings: SessionSettings | None = None
        # The SDK merges calls of one id before anything else sees them.
        self._history = told_apart(deepcopy(history), {call_id(item) for item in done})
        self._held: list[dict[str, Any]] = []

    @property
    def held(self) -> list[dict[str, Any]]:
        """The items of the turn so far, the user's first."""
        return deepcopy(self._held)

    async def get_items(self, limit: int | None = None) -> "list[TResponseInputItem]":
        """History and turn in order; with a limit, the newest so many."""
        items: list[Any] = deepcopy(self._history + self._held)
        if limit is None or limit < 0:
            return items
        return items[len(items) - min(limit, len(items)) :]

    async def add_items(self, items: "list[TResponseInputItem]") -> None:
        """Hold more items of the turn."""
        self._held.extend(dict(item) for item in deepcopy(items))

    async def pop_item(self) -> "TResponseInputItem | None":
        """Take back the newest item of the turn; what is history stays."""
        if not self._held:
            return None
        return cast("TResponseInputItem", self._held.pop())

    async def clear_session(self) -> None:
        """Forget the turn, not the history."""
        self._held.clear()
