"""convo: git for conversations with AI agents.

`AdvancedSQLiteSession` stores the conversations of the OpenAI Agents SDK, with branches, token
usage by turn and structured queries; `ConversationStore` looks at a whole database of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convo.items.pairs import sendable
    from convo.names import check_name
    from convo.records import Head, RunRecord, Tokens
    from convo.sdk import AdvancedSQLiteSession
    from convo.sdk.hooks import UsageHooks
    from convo.store import ConversationStore
    from convo.store.consistency import Problem

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


_MODULES = {
    "AdvancedSQLiteSession": "convo.sdk",
    "ConversationStore": "convo.store",
    "Head": "convo.records",
    "Problem": "convo.store.consistency",
    "RunRecord": "convo.records",
    "Tokens": "convo.records",
    "UsageHooks": "convo.sdk.hooks",
    "check_name": "convo.names",
    "sendable": "convo.items.pairs",
}


def __getattr__(name: str) -> Any:
    """Load what is asked for: the whole library takes longer than Python's own start.

    The hooks bring the SDK, which takes seconds.
    """
    if name not in _MODULES:
        raise AttributeError(f"module 'convo' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_MODULES[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
