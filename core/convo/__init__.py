"""convo: git for conversations with AI agents.

`AdvancedSQLiteSession` stores the conversations of the OpenAI Agents SDK, with branches, token
usage by turn and structured queries; `ConversationStore` looks at a whole database of them.
"""

from convo.names import check_name
from convo.records import Head, RunRecord, Tokens
from convo.session import AdvancedSQLiteSession
from convo.store import ConversationStore

__all__ = [
    "AdvancedSQLiteSession",
    "ConversationStore",
    "Head",
    "RunRecord",
    "Tokens",
    "check_name",
]
__version__ = "0.1.0"
