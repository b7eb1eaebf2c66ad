"""convo: git for conversations with AI agents.

`AdvancedSQLiteSession` stores the conversations of the OpenAI Agents SDK, with branches, token
usage by turn and structured queries; `ConversationStore` looks at a whole database of them.
"""

from typing import TYPE_CHECKING, Any

from convo.items.pairs import sendable
from convo.names import check_name
from convo.records import Head, RunRecord, Tokens
from convo.sdk import AdvancedSQLiteSession
from convo.store import ConversationStore
from convo.store.consistency import Problem

if TYPE_CHECKING:
    from convo.sdk.hooks import UsageHooks

__all__ = [
    "AdvancedSQLiteSession",
    "ConversationStore",
    "Head",
    "Problem",
    "RunRecord",
    "Tokens",
    "UsageHooks",
    "check_name",
    "sendable",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Load the hooks when they are asked for: they bring the SDK, which takes seconds."""
    if name == "UsageHooks":
        from convo.sdk.hooks import UsageHooks

        return UsageHooks
    raise AttributeError(f"module 'convo' has no attribute {name!r}")
