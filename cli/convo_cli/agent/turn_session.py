"""A session for the SDK that keeps a running turn in memory.

The SDK reads the conversation from its session and writes every item of the run back to it, also of
runs that fail. Here it writes to a list, which is stored as a whole once the turn is complete.
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
    """Implements the SDK's session protocol over a history that it never changes.

    `session_id` is the same for all turns of a conversation: it tells servers that cache prompts
    which requests begin alike. Values in a damaged history that are not items are left out. `done`
    are the items of an earlier run of the turn, whose calls keep their ids.
    """

    def __init__(
        self, history: Sequence[Any], prompt: Content, done: Sequence[dict[str, Any]] = ()
    ) -> None:
        self.session_id = conversation_of(history, {"content": prompt, "role": "user"})
        self.session_settings: SessionSettings | None = None
        # The SDK merges calls with the same id before other code sees them.
        self._history = told_apart(deepcopy(history), {call_id(item) for item in done})
        self._held: list[dict[str, Any]] = []

    @property
    def held(self) -> list[dict[str, Any]]:
        """The items of the turn so far, the user's first."""
        return deepcopy(self._held)

    async def get_items(self, limit: int | None = None) -> "list[TResponseInputItem]":
        """The history and the turn, in order; with a limit, the newest items only."""
        items: list[Any] = deepcopy(self._history + self._held)
        if limit is None or limit < 0:
            return items
        return items[len(items) - min(limit, len(items)) :]

    async def add_items(self, items: "list[TResponseInputItem]") -> None:
        """Add items to the turn."""
        self._held.extend(dict(item) for item in deepcopy(items))

    async def pop_item(self) -> "TResponseInputItem | None":
        """Remove and return the newest item of the turn, but none of the history."""
        if not self._held:
            return None
        return cast("TResponseInputItem", self._held.pop())

    async def clear_session(self) -> None:
        """Remove the items of the turn, but none of the history."""
        self._held.clear()
